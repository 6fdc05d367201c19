#include "zone/diagnostic/codes.h"

namespace dns {
namespace {

using enum Severity;

constexpr CodeRow kEntryCodes[] = {
    {"Z001", kError, "'(' is never closed",
     "Parentheses continue an entry over several lines (RFC 1035 5.1). This '(' has no matching ')', and\n"
     "all lines to the end of the file would belong to one record. Add ')' after the last field. It must\n"
     "stand before a comment: text after ';' is ignored.\n"
     "\n"
     "    @ SOA ns hostmaster ( 2026112201 7200 3600 1209600 300 )"},
    {"Z002", kError, "')' without '('",
     "A ')' ends an entry that a '(' has continued over several lines (RFC 1035 5.1). Here no '(' is open.\n"
     "Either the '(' is missing, perhaps because it is in a comment, or the ')' is not needed. To write\n"
     "the character itself, quote the string or write \\).\n"
     "\n"
     "    www TXT \"a smile :)\""},
    {"Z003", kError, "quoted string is never closed",
     "A quoted string must end with '\"' on the same line. Without this rule, one missing quote could hide\n"
     "all records after it. Split a long text into several strings, which may be on several lines inside\n"
     "parentheses. Inside a string, write \\\" for a quote and \\010 for a line feed.\n"
     "\n"
     "    @ TXT ( \"v=spf1 include:_spf.example.net \"\n"
     "            \"-all\" )"},
    {"Z004", kError, "backslash at the end of a line",
     "A backslash must be followed by a character (RFC 1035 5.1): \\X is the character X without its\n"
     "special meaning, \\DDD is the octet with the decimal value DDD. A backslash does not continue a line;\n"
     "use parentheses for this. Write \\\\ for a backslash.\n"
     "\n"
     "    path TXT C:\\\\zones"},
    {"Z005", kError, "entry too long",
     "The entry has more fields than a record can hold: RDATA has at most 65,535 octets (RFC 1035 3.2.1).\n"
     "Usually a '(' further up was not closed. Check the first line of the entry for a '(' that is not\n"
     "needed, and for a ')' inside a comment."},
    {"Z006", kError, "label longer than 63 octets",
     "A label, the part of a name between two dots, has at most 63 octets (RFC 1035 2.3.4). An escape \\DDD\n"
     "counts as one octet. Shorten the label, or split it with a dot. A public key such as DKIM's belongs\n"
     "in the data of a TXT record, not in its name.\n"
     "\n"
     "    selector1._domainkey TXT \"v=DKIM1; p=...\""},
    {"Z007", kError, "name longer than 255 octets",
     "A name has at most 255 octets in a message (RFC 1035 2.3.4): the octets of all labels, one length\n"
     "octet for each label, and one for the root. The origin is appended to a name without a final dot,\n"
     "and counts too. Shorten the name, or add the final dot if the origin should not be appended."},
    {"Z008", kError, "empty label",
     "A name must not begin with a dot or contain two dots in a row: only the root has an empty label, at\n"
     "the end of the name (RFC 1035 3.1). Remove the dot. If the dot is part of a label, as in the mailbox\n"
     "of an SOA record, write \\.\n"
     "\n"
     "    @ SOA ns first\\.last.example.com. 1 7200 3600 1209600 300"},
    {"Z009", kError, "malformed escape in a name",
     "In a name, \\X is the character X and \\DDD is the octet with the decimal value DDD, with three digits\n"
     "from 000 to 255 (RFC 1035 5.1). Hexadecimal and octal values are not supported.\n"
     "\n"
     "    tab\\9bed   A 192.0.2.1          ; bad\n"
     "    tab\\009bed A 192.0.2.1          ; good"},
    {"Z010", kError, "no owner to repeat",
     "An entry that begins with a blank has the same owner as the record before it (RFC 1035 5.1), but\n"
     "there is no record before it. Write the owner at the beginning of the line. @ is the origin, which\n"
     "is the name of the zone at the top of the file.\n"
     "\n"
     "    @ SOA ns hostmaster 1 7200 3600 1209600 300"},
    {"Z011", kError, "type is missing",
     "An entry has an owner, an optional TTL and class, a type and its data (RFC 1035 5.1). This one ends\n"
     "before the type. If the text belongs to the line before, move it there. If the owner should be the\n"
     "one of the record before, begin the line with a blank: otherwise its first word is the owner.\n"
     "\n"
     "    www 300 IN                      ; bad\n"
     "    www 300 IN A 192.0.2.1          ; good"},
    {"Z012", kError, "unknown type",
     "A record type is expected here: a mnemonic such as A, AAAA or MX, or TYPE with a number (RFC 3597\n"
     "5). Either the type is misspelled, or the line has no owner but begins in the first column: then the\n"
     "type is read as the owner, and the data as the type. Begin such a line with a blank.\n"
     "\n"
     "    host TYPE65280 \\# 2 cafe"},
    {"Z013", kError, "malformed TTL",
     "A TTL is a number of seconds, or numbers with the units w, d, h, m and s: 1h30m is 5400 seconds. A\n"
     "word here that begins with a digit is always read as a TTL, because types and classes begin with\n"
     "letters.\n"
     "\n"
     "    www 1y  A 192.0.2.1             ; bad: no unit for years\n"
     "    www 52w A 192.0.2.1             ; good"},
    {"Z014", kWarning, "TTL too large",
     "A TTL is at most 2147483647 seconds, which is 68 years. A larger value is treated as 0 (RFC 2181 8),\n"
     "and resolvers do not cache the record. Use a smaller value: a day (1d) is common, and resolvers\n"
     "rarely cache longer than a week (1w).\n"
     "\n"
     "    www 1d A 192.0.2.1"},
    {"Z015", kError, "class is not IN",
     "All records of a zone have the same class (RFC 1035 5.2), and Waymark serves zones of class IN. CH\n"
     "and HS need zones of their own; NONE and ANY only occur in messages. Remove the class, or write IN.\n"
     "\n"
     "    www IN A 192.0.2.1"},
    {"Z016", kError, "type not allowed in a zone",
     "Some types only exist in queries and messages (RFC 6895 3.1): ANY, AXFR and IXFR are query types;\n"
     "OPT, TSIG and TKEY are parts of a message. Remove the record. Queries of type ANY are answered\n"
     "without it."},
    {"Z017", kError, "no TTL",
     "The record has no TTL, there is no $TTL directive above it (RFC 2308 4), and no record before it has\n"
     "a TTL. Add a $TTL directive at the top of the file. Only an SOA record may have no TTL: its last\n"
     "field is used instead.\n"
     "\n"
     "    $TTL 1h"},
    {"Z018", kError, "TTL or class written twice",
     "An entry has at most one TTL and one class, in any order, before its type (RFC 1035 5.1). Remove one\n"
     "of them. If the number is part of the data, such as the preference of an MX record, write it after\n"
     "the type.\n"
     "\n"
     "    @ 300 10 IN MX mail             ; bad\n"
     "    @ 300 IN MX 10 mail             ; good"},
    {"Z019", kError, "quotes not allowed here",
     "Character strings are quoted, such as the data of TXT, and owners may be. Write TTLs, classes, types\n"
     "and directives without quotes.\n"
     "\n"
     "    www \"TXT\" \"two words\"         ; bad\n"
     "    www TXT \"two words\"           ; good"},
    {"Z060", kError, "unknown directive",
     "A word that begins with '$' in the first column is a directive. There are four: $ORIGIN and $INCLUDE\n"
     "(RFC 1035 5.1), $TTL (RFC 2308 4) and $GENERATE. If a name begins with a dollar sign, write \\$.\n"
     "\n"
     "    $ORIGIN example.com.\n"
     "    \\$price TXT \"a name with a dollar sign\""},
    {"Z061", kError, "directive needs an argument",
     "The arguments are: for $ORIGIN a name; for $TTL a time; for $INCLUDE a file and an optional origin;\n"
     "for $GENERATE a range, an owner, a type and its data.\n"
     "\n"
     "    $INCLUDE hosts.inc lab.example.com.\n"
     "    $GENERATE 1-9 host$ A 192.0.2.$"},
    {"Z062", kError, "directive has too many arguments",
     "$ORIGIN and $TTL take one argument, $INCLUDE takes one or two. Only a comment may follow. Begin a\n"
     "comment with ';'. Quote a file name that contains blanks.\n"
     "\n"
     "    $ORIGIN example.com. the main zone      ; bad\n"
     "    $ORIGIN example.com. ; the main zone\n"
     "    $INCLUDE \"office hosts.inc\""},
    {"Z063", kError, "file cannot be read",
     "The file could not be opened, or it is not a regular file. A relative path is relative to the\n"
     "directory of the file that contains it, not to the directory in which the server was started. Check\n"
     "the path, and check that the server's user may read the file.\n"
     "\n"
     "    $INCLUDE shared/nameservers.inc"},
    {"Z064", kError, "file includes itself",
     "The file includes itself, directly or through other files. The lines \"included from\" show the chain.\n"
     "Remove one of the $INCLUDE directives. If two files need the same records, put these records in a\n"
     "third file."},
    {"Z065", kError, "includes nested too deep",
     "Files can be included to a depth of 10, counted from the zone file. A deeper chain is usually a\n"
     "loop, for example through symbolic links. Include the innermost files directly from the zone file."},
    {"Z066", kError, "too many includes",
     "A zone can include at most 10,000 files in total. Files that include several other files multiply:\n"
     "ten files that include ten files, which include ten files, are more than a thousand. Combine the\n"
     "files, or generate the zone file with a program."},
    {"Z067", kError, "malformed range",
     "The range of $GENERATE is start-stop or start-stop/step, without blanks. The numbers are from 0 to\n"
     "2147483647. The start must not be larger than the stop, and the step must be at least 1.\n"
     "\n"
     "    $GENERATE 0 - 255 host$ A 192.0.2.$       ; bad\n"
     "    $GENERATE 0-255/2 host$ A 192.0.2.$       ; good"},
    {"Z068", kError, "range too large",
     "One $GENERATE can make at most 1,000,000 records, and all of a zone together at most 10,000,000.\n"
     "Check the range for a mistyped digit. If all names should have the same data, use a wildcard: it is\n"
     "a single record.\n"
     "\n"
     "    *.pool A 192.0.2.1"},
    {"Z069", kError, "malformed $ in a template",
     "In the owner and data of $GENERATE, $ is the current number. ${offset,width,radix} is the number\n"
     "plus offset, padded with zeros to width (at most 255). The radix is d (decimal), o (octal), x or X\n"
     "(hexadecimal), n or N (hexadecimal digits in reverse order with dots between them, for ip6.arpa).\n"
     "Width and radix are optional. Write $$ for a dollar sign. Only decimal numbers may be negative.\n"
     "\n"
     "    $GENERATE 1-9 host${0,3,d} A 192.0.2.${100}"},
    {"Z070", kError, "parsing stopped",
     "Several parentheses are not closed. Each one makes all lines to the end of the file part of one\n"
     "entry. The rest of the file was not read, because further messages would be misleading. Correct the\n"
     "parentheses that were reported, and check the file again."},
    {"Z071", kError, "generated record too long",
     "For one number, the template of $GENERATE makes a record that is longer than the maximum of 65,535\n"
     "octets of RDATA. Shorten the template, or reduce the widths in it."},
};

}  // namespace

std::span<const CodeRow> entry_codes() { return kEntryCodes; }

}  // namespace dns
