#include "zone/diagnostic/codes.h"

namespace dns {
namespace {

constexpr Severity kError = Severity::kError;

constexpr CodeRow kEntryCodes[] = {
    {"Z001", kError, "'(' is never closed",
     "A parenthesis lets an entry go on over several lines (RFC 1035 5.1): until the matching ')' the ends of lines "
     "count as "
     "blanks. Without it, everything down to the end of the file would belong to this one record. Put ')' behind the "
     "last "
     "field, before a comment that stands there: a ')' behind ';' is part of the comment.\n"
     "    @ SOA ns hostmaster ( 2026112201 7200 3600 1209600 300 )"},
    {"Z002", kError, "')' without '('",
     "A closing parenthesis ends an entry that a '(' opened on this or an earlier line (RFC 1035 5.1); here none is "
     "open. Either "
     "the '(' is missing, often because it stands in a comment, or the ')' is left over. To mean the character itself, "
     "quote the string or write \\).\n"
     "    www TXT \"a smile :)\""},
    {"Z003", kError, "quoted string is never closed",
     "A string that begins with '\"' ends at the next '\"', and must do so on the same line: otherwise one forgotten "
     "quote would "
     "swallow the records below without a word. A long text is written as several strings, which may stand on several "
     "lines "
     "between parentheses; a quote inside a string is written \\\", a line feed \\010.\n"
     "    @ TXT ( \"v=spf1 include:_spf.example.net \"\n"
     "            \"-all\" )"},
    {"Z004", kError, "backslash at the end of a line",
     "A backslash gives the octet after it (RFC 1035 5.1): \\X stands for X without its special meaning, \\DDD for the "
     "octet "
     "with the decimal value DDD. At the end of a line nothing follows that it could apply to, and it does not join "
     "lines: "
     "parentheses do. Write \\\\ for a backslash.\n"
     "    path TXT C:\\\\zones"},
    {"Z005", kError, "entry too long",
     "One entry has more fields than any record can hold: RDATA is at most 65,535 octets (RFC 1035 3.2.1). Nearly "
     "always a "
     "parenthesis was opened far above and is closed only here. Look at the first line of the entry for a '(' that "
     "does not "
     "belong there, or for a ')' that a comment swallowed."},
    {"Z006", kError, "label longer than 63 octets",
     "A label, the part of a name between two dots, has at most 63 octets (RFC 1035 2.3.4): its length is stored in "
     "six bits. "
     "Octets written as \\DDD count one each. Split the label by a dot, or shorten it; keys such as DKIM's belong in "
     "the "
     "TXT record's data, not in its name.\n"
     "    selector1._domainkey TXT \"v=DKIM1; p=...\""},
    {"Z007", kError, "name longer than 255 octets",
     "A name has at most 255 octets in a message (RFC 1035 2.3.4): one for each label's length, its octets, and one "
     "for the "
     "root. A name without a final dot is extended by the origin, which counts too. Shorten the name, or write it "
     "with a final dot if the origin should not be added."},
    {"Z008", kError, "empty label",
     "Only the root has an empty label, and it stands last (RFC 1035 3.1): two dots in a row, or a dot at the "
     "beginning, "
     "have no meaning. Remove the dot, or write \\. if it belongs to the label, as in the mailbox of an SOA.\n"
     "    @ SOA ns first\\.last.example.com. 1 7200 3600 1209600 300"},
    {"Z009", kError, "malformed escape in a name",
     "In a name \\X stands for the character X and \\DDD for the octet with the decimal value DDD, three digits from "
     "000 to 255 "
     "(RFC 1035 5.1). Write all three digits; hexadecimal and octal are not known here.\n"
     "    tab\\009bed A 192.0.2.1"},
    {"Z010", kError, "no owner to repeat",
     "An entry that begins with a blank belongs to the owner of the record before it (RFC 1035 5.1); before the first "
     "record "
     "there is none. Write the owner in the first column: @ stands for the origin, which at the top of the file is the "
     "name of the zone.\n"
     "    @ SOA ns hostmaster 1 7200 3600 1209600 300"},
    {"Z011", kError, "type is missing",
     "An entry is an owner, then TTL and class where they are written, then a type and its data (RFC 1035 5.1). This "
     "one "
     "ends before a type. If the name was meant to belong to the line before, put it there; if the record belongs to "
     "the "
     "previous owner, begin the line with a blank, or its first word is read as the owner.\n"
     "    www 300 IN A 192.0.2.1"},
    {"Z012", kError, "unknown type",
     "At this place a record's type is expected: a mnemonic such as A, AAAA or MX, or TYPE and a number for any type "
     "(RFC 3597 5). The word is none. Apart from a misspelling, the usual cause is a line that begins in the first "
     "column without "
     "an owner, so that the type is read as the owner and its data as the type: begin such a line with a blank.\n"
     "    host TYPE65280 \\# 2 cafe"},
    {"Z013", kError, "malformed TTL",
     "A TTL is a number of seconds, or numbers with the units w, d, h, m and s: 1h30m is "
     "5400. A word that begins with a digit can be nothing else at this place, since types and classes begin with "
     "letters.\n"
     "    $TTL 1h\n"
     "    www 1d A 192.0.2.1"},
    {"Z014", kError, "TTL too large",
     "A TTL is at most 2147483647 seconds, 68 years (RFC 2181 8): the top bit of its 32 must be zero, and receivers "
     "take "
     "a larger value as 0, which is the opposite of what was meant. A day (1d) is long; a week (1w) is the most that "
     "resolvers usually keep.\n"
     "    www 1d A 192.0.2.1"},
    {"Z015", kError, "class is not IN",
     "All records of a zone have one class (RFC 1035 5.2), and zones of the Internet have class IN. CH and HS are "
     "relics "
     "that live in zones of their own; NONE and ANY occur only in messages. Remove the class, or write IN.\n"
     "    www IN A 192.0.2.1"},
    {"Z016", kError, "type that cannot stand in a zone",
     "Some types exist only in questions and messages (RFC 6895 3.1): ANY, AXFR and IXFR ask, OPT, TSIG and TKEY "
     "accompany a message. A record of such a type could never be answered. If the aim is an answer to ANY, nothing "
     "needs to "
     "be written: the server makes it."},
    {"Z017", kError, "no TTL",
     "The record has no TTL, and there is none to take over: no $TTL directive stands above it (RFC 2308 4) and no "
     "record "
     "before it has one. Only an SOA record may do without, as its last field can serve. Put a $TTL at the top.\n"
     "    $TTL 1h"},
    {"Z018", kError, "written twice",
     "An entry has at most one TTL and one class before its type, in either order (RFC 1035 5.1). Remove one of the "
     "two. "
     "If the number belongs to the data, such as a preference of MX, it stands behind the type.\n"
     "    @ 300 IN MX 10 mail"},
    {"Z019", kError, "quotes do not belong here",
     "Quotes hold character strings, the data of TXT and the like. Owners, TTLs, classes, types and directives are "
     "written "
     "without them; a special character in a name is written with a backslash.\n"
     "    two\\ words TXT \"two words\""},
    {"Z060", kError, "unknown directive",
     "A word that begins with '$' in the first column is a directive. There are four: $ORIGIN, $INCLUDE (RFC 1035 "
     "5.1), "
     "$TTL (RFC 2308 4) and $GENERATE. A name that begins with a dollar sign is written \\$.\n"
     "    $ORIGIN example.com.\n"
     "    \\$price TXT \"a name with a dollar sign\""},
    {"Z061", kError, "directive lacks an argument",
     "Each directive needs something behind it: $ORIGIN a name, $TTL a time, $INCLUDE a file and, if wanted, an "
     "origin, "
     "$GENERATE a range, an owner, a type and its data.\n"
     "    $INCLUDE hosts.inc lab.example.com.\n"
     "    $GENERATE 1-9 host$ A 192.0.2.$"},
    {"Z062", kError, "directive has a word too many",
     "Behind the arguments of a directive only a comment may follow. $ORIGIN and $TTL take one argument, $INCLUDE one "
     "or two. "
     "Write a ';' before the comment; quote a file name that holds blanks.\n"
     "    $INCLUDE \"office hosts.inc\" ; kept by hand"},
    {"Z063", kError, "file cannot be read",
     "The file could not be opened, or is not a regular file. A relative path is looked for in the directory of the "
     "file "
     "that names it, not in the directory where the server was started. Check the spelling and that the user "
     "whom the server runs as may read it.\n"
     "    $INCLUDE shared/nameservers.inc"},
    {"Z064", kError, "file includes itself",
     "The file is already being read: including it again, directly or by way of others, would never end. The chain of "
     "includes under the message shows how it came about. Move what both need into a third file."},
    {"Z065", kError, "includes nested too deep",
     "Files may include files to a depth of 10, counted from the zone file. Real zones need two or three; a deeper "
     "chain is "
     "nearly always a loop over links or generated names. Include the innermost files from the zone file itself."},
    {"Z066", kError, "too many includes",
     "One zone may include 10,000 files in all. Files that include several others multiply: ten files of ten files of "
     "ten files are a "
     "thousand. The bound keeps a mistake from occupying the machine for hours. Join the files, or write the zone by a "
     "program."},
    {"Z067", kError, "malformed range",
     "The range of $GENERATE is start-stop or start-stop/step: whole numbers from 0 to 2147483647, the start not above "
     "the stop, "
     "the step at least 1. No blanks stand inside it.\n"
     "    $GENERATE 0-255/2 host$ A 192.0.2.$"},
    {"Z068", kError, "range too large",
     "One $GENERATE makes at most 1,000,000 records, and all of a zone together at most 10,000,000. A larger range is "
     "nearly always a slip of a digit. A wildcard answers for all names at once, without a record each.\n"
     "    *.pool A 192.0.2.1"},
    {"Z069", kError, "malformed $ in a template",
     "In the owner and the data of $GENERATE, $ stands for the current number, and ${offset,width,radix} for the "
     "number "
     "plus offset, padded with zeros to width (at most 255), in radix d (decimal), o (octal), x or X (hexadecimal), n "
     "or N "
     "(hexadecimal digits from the last to the first with dots between, for ip6.arpa). Width and radix may be left "
     "out; "
     "$$ is a dollar sign. Only a decimal number may be negative.\n"
     "    $GENERATE 1-9 host${0,3,d} A 192.0.2.${100}"},
    {"Z070", kError, "parsing ended early",
     "Parentheses that are never closed make each line from them to the end of the file belong to one entry. After "
     "several such entries the rest of the file cannot be told apart reliably any more, and reading on would only "
     "produce "
     "misleading messages. Mend the parentheses named above and check again."},
    {"Z071", kError, "generated record too long",
     "What $GENERATE makes of its template for one number is longer than any record can be: 65,535 octets of RDATA. "
     "Make the template shorter, or its widths smaller."},
};

}  // namespace

std::span<const CodeRow> entry_codes() { return kEntryCodes; }

}  // namespace dns
