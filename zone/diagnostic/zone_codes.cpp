#include "zone/diagnostic/codes.h"

namespace dns {
namespace {

using enum Severity;

constexpr CodeRow kZoneCodes[] = {
    {"Z101", kError, "zone has no SOA record",
     "Each zone has exactly one SOA record, at its apex (RFC 1035 5.2). It contains the serial number that\n"
     "secondaries compare and the TTL of negative answers (RFC 2308). Without it the zone cannot be\n"
     "served. If the file has an SOA record, it belongs to another zone: check the zone's name and\n"
     "$ORIGIN.\n"
     "\n"
     "    @ SOA ns hostmaster 2026112201 7200 3600 1209600 300"},
    {"Z102", kError, "second SOA record",
     "A zone has exactly one SOA record (RFC 1035 5.2), and this one differs from the first. It is not\n"
     "clear which one is valid, and a wrong serial number prevents secondaries from updating. Remove one\n"
     "of them. A second SOA record that is equal to the first is ignored.\n"
     "\n"
     "    @ SOA ns hostmaster 2026112201 7200 3600 1209600 300"},
    {"Z103", kError, "SOA record not at the apex",
     "An SOA record marks the apex of a zone (RFC 1034 4.2.1). An SOA record at another name starts\n"
     "another zone: move it to its own file, and delegate to it here with NS records. If the name should\n"
     "be the apex, check $ORIGIN and look for a missing final dot."},
    {"Z104", kError, "zone has no NS record at its apex",
     "The NS records at the apex name the authoritative servers of the zone (RFC 1035 5.2, RFC 2181 6.1).\n"
     "Resolvers use them, and secondaries may refuse a zone without them. Add at least one NS record,\n"
     "better two. They should be the same as in the parent zone.\n"
     "\n"
     "    @ NS ns1.example.com."},
    {"Z105", kWarning, "record outside the zone",
     "The owner is not in this zone, and the record is ignored: an answer with it would not be\n"
     "authoritative. The other records are served. This is only a warning, because several zones may share\n"
     "one file. Check $ORIGIN, and check that the file belongs to this zone.\n"
     "\n"
     "    $ORIGIN example.com."},
    {"Z106", kError, "CNAME beside other data",
     "A name with a CNAME record is an alias and must have no other records, except DNSSEC records (RFC\n"
     "1034 3.6.2, RFC 2181 10.1, RFC 4034). A resolver that has cached the CNAME does not ask for the\n"
     "other records. The apex cannot have a CNAME record, because it has SOA and NS records: use addresses\n"
     "there, or HTTPS and SVCB records, which support aliases.\n"
     "\n"
     "    @ CNAME www.example.net.        ; bad\n"
     "    @ HTTPS 0 www.example.net.      ; good"},
    {"Z107", kError, "several CNAME records at one name",
     "A name can be an alias of only one other name (RFC 2181 10.1). Resolvers reject an answer with two\n"
     "CNAME records. Keep one of them. To distribute load, give the target several addresses.\n"
     "\n"
     "    www CNAME pool\n"
     "    pool A 192.0.2.1\n"
     "    pool A 192.0.2.2"},
    {"Z108", kError, "several DNAME records at one name",
     "A DNAME record redirects all names below its owner to one other name (RFC 6672 2.4). With two DNAME\n"
     "records the target is not defined. Keep one of them.\n"
     "\n"
     "    old DNAME new.example.com."},
    {"Z109", kError, "DNAME beside CNAME",
     "A name cannot have both a DNAME and a CNAME record (RFC 6672 2.4), because a CNAME record allows no\n"
     "other data. DNAME redirects only the names below its owner. For the owner itself, use other records\n"
     "instead of the CNAME.\n"
     "\n"
     "    old DNAME new.example.com.\n"
     "    old A 192.0.2.1"},
    {"Z110", kError, "names below a DNAME",
     "A DNAME record redirects all names below its owner. Records below it can never be returned, and RFC\n"
     "6672 2.4 forbids them. Move them to the target of the DNAME record, or replace the DNAME record by\n"
     "one CNAME record for each name.\n"
     "\n"
     "    a.old CNAME a.new.example.com.\n"
     "    b.old CNAME b.new.example.com."},
    {"Z111", kError, "record set too large",
     "The records of this name and type do not fit into a message of 65,535 octets (RFC 1035 4.2.2). They\n"
     "cannot be returned, even over TCP. The rest of the zone is served; for these records the answer is\n"
     "SERVFAIL. Distribute them over several names.\n"
     "\n"
     "    pool1 A 192.0.2.1\n"
     "    pool2 A 192.0.2.2",
     CodeRow::Serves::kOtherRrsets},
    {"Z112", kWarning, "NS, MX or SRV points to an alias",
     "The target of an NS, MX or SRV record must have addresses and must not be a CNAME (RFC 2181 10.3,\n"
     "RFC 2782). Otherwise the answer contains no addresses of the target, every lookup needs another\n"
     "query, and some mail servers and resolvers reject the name. Use the target of the CNAME record\n"
     "instead.\n"
     "\n"
     "    @ MX 10 mail.example.com.\n"
     "    mail A 192.0.2.25"},
    {"Z113", kWarning, "target has no address",
     "The record points to a name in this zone that has neither an A nor an AAAA record. Clients cannot\n"
     "reach it. Add the address, or check for a missing final dot: the origin is appended to a name\n"
     "without it.\n"
     "\n"
     "    @ MX 10 mail\n"
     "    mail A 192.0.2.25"},
    {"Z114", kWarning, "delegation without glue",
     "A name server of this delegation is inside the delegated zone. Resolvers can only find it with its\n"
     "address from this zone (glue), and the address is missing (RFC 9471). They cannot follow the\n"
     "delegation. Add the addresses of the name server to this zone.\n"
     "\n"
     "    sub     NS ns1.sub\n"
     "    ns1.sub A  192.0.2.53"},
    {"Z115", kWarning, "data that is never returned",
     "The name is below a delegation, and the records are not glue. The server answers every query for\n"
     "them with a referral to the delegated zone (RFC 1034 4.3.2, 4.2.1). Move the records to the file of\n"
     "the delegated zone, or remove the delegation."},
    {"Z116", kWarning, "DS without delegation",
     "A DS record identifies the key of a delegated zone (RFC 4035 2.4), but this name has no NS records\n"
     "and is not a delegation. Validators do not use the DS record. Add the NS records, or remove the DS\n"
     "record.\n"
     "\n"
     "    sub NS ns.example.net.\n"
     "    sub DS 12345 13 2 ..."},
    {"Z117", kWarning, "data beside a delegation",
     "At a delegated name, the parent zone has only NS, DS and NSEC records with their signatures, and\n"
     "glue addresses (RFC 4035 2.5). Other records belong to the delegated zone and are never returned\n"
     "from here (RFC 2181 6.1). Move them to the file of the delegated zone."},
    {"Z118", kWarning, "duplicate record",
     "The zone already contains this record. A record set contains each record once (RFC 2181 5), and the\n"
     "second one is ignored. Remove it, or correct it if another value was meant."},
    {"Z119", kWarning, "different TTLs in one record set",
     "All records of one name and type must have the same TTL (RFC 2181 5.2). The zone is served with the\n"
     "lowest one. Use the same TTL for all of them, or remove it and use $TTL.\n"
     "\n"
     "    www 300 A 192.0.2.1\n"
     "    www 300 A 192.0.2.2"},
    {"Z120", kWarning, "NS or DNAME at a wildcard",
     "A wildcard provides records for names that do not exist. It does not delegate or redirect these\n"
     "names or the names below them (RFC 4592 4.2 and 4.4). Other servers reject such a zone or answer\n"
     "differently. Delegate each name separately, or use address records.\n"
     "\n"
     "    *.shop NS  ns.example.net.        ; bad: delegates nothing\n"
     "    *.shop A   192.0.2.80             ; good"},
    {"Z121", kWarning, "no usable NSEC3 chain",
     "The zone has an NSEC3PARAM record, which announces NSEC3 records for the proof that a name does not\n"
     "exist (RFC 5155 4), but no usable NSEC3 chain. The hash algorithm must be 1, the flags must be 0,\n"
     "and the iterations at most 150, because resolvers ignore more (RFC 9276 3.2). The apex needs an\n"
     "NSEC3 record with the same parameters. Otherwise validating resolvers treat negative answers,\n"
     "wildcard answers and delegations without DS as forged. Sign the zone again, preferably without\n"
     "iterations and salt.\n"
     "\n"
     "    @ NSEC3PARAM 1 0 0 -"},
    {"Z122", kWarning, "signatures expired or about to expire",
     "A signature is valid until its expiration time (RFC 4034 3.1.5). After this time validating\n"
     "resolvers reject the signed records, and their clients cannot reach these names. Sign the zone\n"
     "again, and find out why it was not signed in time. This warning starts three days before the\n"
     "expiration."},
    {"Z123", kError, "zone needs too much memory",
     "There is not enough memory for the zone, or the zone is larger than Waymark can hold: 2^32 words of\n"
     "32 bits for its names and records. The other zones are served. If the zone should fit, raise the\n"
     "limit of the process or of its control group (LimitAS=, MemoryMax= or `ulimit -v`). Otherwise\n"
     "delegate parts of the zone to zones of their own."},
    {"Z124", kError, "path names no zone",
     "The file of a zone is called NAME.zone, such as example.com.zone: its name is the name of the zone.\n"
     "This path cannot be read, or its name is not the name of a zone, or another file has the same zone.\n"
     "`waymark serve` does not serve it. Rename the file, or name the zone by --zone NAME=FILE."},
    {"Z125", kWarning, "name without NSEC or NSEC3 record",
     "In a signed zone each name with authoritative data, and each delegation, has an NSEC record (RFC 4035\n"
     "2.3), or the zone has an NSEC3 record for the hash of the name (RFC 5155 7.1). With NSEC3 this is\n"
     "also true for names that only have names below them. Only NSEC3 with opt-out may leave out\n"
     "delegations without DS. Without its record, validating resolvers refuse answers that the name has no\n"
     "data of a type, or believe that the name does not exist. Sign the zone again."},
    {"Z126", kWarning, "NSEC or NSEC3 record without a name",
     "The NSEC record belongs to a name below a delegation or a DNAME, or the NSEC3 record belongs to no\n"
     "name of the zone (RFC 4035 2.3, RFC 5155 7.1). The signer has not removed it with the name. Sign the\n"
     "zone again."},
    {"Z127", kWarning, "types in the NSEC or NSEC3 record are wrong",
     "An NSEC or NSEC3 record lists the types that a name has (RFC 4034 4.1.2, RFC 5155 3.2.1). If a type is\n"
     "missing, validating resolvers believe that the name has no records of it. If the list has a type too\n"
     "many, they refuse the answer that there are none. The zone was changed after it was signed: sign it\n"
     "again."},
    {"Z128", kWarning, "broken chain of NSEC or NSEC3 records",
     "Each NSEC record names the next name of the zone, and each NSEC3 record the next hash; the last record\n"
     "names the first (RFC 4034 4.1.1, RFC 5155 3.1.7). This proves that nothing lies between them. If the\n"
     "record names a later one, it denies names that exist. If it names another one, some negative answers\n"
     "have no proof. Sign the zone again."},
    {"Z129", kWarning, "unknown NSEC3 hash algorithm",
     "The only hash algorithm of NSEC3 is 1, SHA-1 (RFC 5155 11). Servers and resolvers ignore records with\n"
     "another one (RFC 5155 8.1), and negative answers then have no proof. Sign the zone again.\n"
     "\n"
     "    @ NSEC3PARAM 1 0 0 -"},
    {"Z201", kNote, "TTL taken from the SOA record",
     "The SOA record has no TTL and there is no $TTL above it. Its last field, the TTL of negative\n"
     "answers, is used as TTL of the SOA record and of the records after it. This was the meaning of the\n"
     "field before RFC 2308. Add a $TTL at the top of the file.\n"
     "\n"
     "    $TTL 1h"},
    {"Z202", kWarning, "missing final dot?",
     "The origin is appended to a name without a final dot (RFC 1035 5.1). This name already ends in the\n"
     "origin, which now occurs twice: in the zone example.com., the name example.com means\n"
     "example.com.example.com. Add the final dot, or remove the origin.\n"
     "\n"
     "    www CNAME host.example.com        ; bad\n"
     "    www CNAME host.example.com.       ; good\n"
     "    www CNAME host                    ; good"},
    {"Z203", kWarning, "serial number is 0",
     "Serial number 0 is legal, but several servers treat it as \"not set\". Some secondaries then transfer\n"
     "the zone at every refresh, or never. Start with 1 or with the date.\n"
     "\n"
     "    @ SOA ns hostmaster 2026112201 7200 3600 1209600 300"},
    {"Z204", kWarning, "record set is large for UDP",
     "The records of this name and type do not fit into 1232 octets, the largest UDP answer that is not\n"
     "fragmented on common networks. Each resolver must ask again over TCP, which is slower, and some\n"
     "networks block it. Use fewer or shorter records."},
    {"Z205", kWarning, "file begins with a byte order mark",
     "The file begins with the three octets that some editors write at the start of UTF-8 files. They are\n"
     "ignored here, but other servers read them as part of the first owner. Save the file without the byte\n"
     "order mark."},
    {"Z206", kNote, "SOA record repeated",
     "The file contains the same SOA record twice, as in a zone transfer that was saved to a file: a\n"
     "transfer begins and ends with the SOA record (RFC 5936 2.2). The second one is ignored and can be\n"
     "removed."},
    {"Z207", kWarning, "owner looks like a comment",
     "In zone files a comment begins with ';' (RFC 1035 5.1). A line that begins with '#', '//' or '/*' is\n"
     "a record, and this one is served. Write ';' before it. If the name is meant, write a backslash before\n"
     "its first character.\n"
     "\n"
     "    #www A 192.0.2.1                  ; bad: a record of the name #www\n"
     "    ; www A 192.0.2.1                 ; good: a comment"},
    {"Z208", kWarning, "owner is not ASCII",
     "Applications ask for internationalized names in their ASCII form, which begins with xn-- (RFC 5890\n"
     "2.3.2.1). They will not find this owner, whose octets are served as they are. Write the ASCII form;\n"
     "a command such as `idn2 NAME` prints it. If the octets are meant, write each as \\DDD.\n"
     "\n"
     "    xn--bcher-kva A 192.0.2.1         ; the name b\303\274cher"},
};

}  // namespace

std::span<const CodeRow> zone_codes() { return kZoneCodes; }

}  // namespace dns
