#include "zone/diagnostic/codes.h"

namespace dns {
namespace {

constexpr Severity kError = Severity::kError, kWarning = Severity::kWarning, kNote = Severity::kNote;

constexpr CodeRow kZoneCodes[] = {
    {"Z101", kError, "zone has no SOA record",
     "Each zone has exactly one SOA record, at its apex (RFC 1035 5.2): it carries the serial number that secondaries "
     "follow "
     "and the time that negative answers live (RFC 2308). Without it the zone cannot be served. Where a file "
     "has an SOA and this is still said, the file is of another zone than the one it was loaded for.\n"
     "    @ SOA ns hostmaster 2026112201 7200 3600 1209600 300"},
    {"Z102", kError, "second SOA record",
     "A zone has exactly one SOA record (RFC 1035 5.2), and this one differs from the first. Which of them was meant "
     "cannot "
     "be known, and a wrong serial number stops secondaries from following. Remove one. A repeated equal SOA, as a "
     "zone transfer written to a file ends with, does no harm and is passed over.\n"
     "    @ SOA ns hostmaster 2026112201 7200 3600 1209600 300"},
    {"Z103", kError, "SOA record not at the apex",
     "An SOA record marks the top of a zone (RFC 1034 4.2.1) and stands nowhere else in it. An SOA at another name "
     "starts "
     "another zone, which belongs in a file of its own, with NS records here that delegate to it. Where the "
     "name was meant to be the apex, look at $ORIGIN and at a forgotten final dot."},
    {"Z104", kError, "zone has no NS record at its apex",
     "The apex of a zone names the servers that are authoritative for it (RFC 1035 5.2, RFC 2181 6.1). Resolvers ask "
     "for this "
     "set and follow it; other servers refuse such a zone, so that secondaries would fail to load it. Write at least "
     "one "
     "NS record, better two, that agree with the delegation in the parent zone.\n"
     "    @ NS ns1.example.com."},
    {"Z105", kWarning, "record outside the zone",
     "The owner is not at or below the apex of the zone. The record is dropped, as an answer from it would not be "
     "authoritative; the rest of the zone is served. This is a warning and no error because files are often shared by "
     "several zones, and other servers pass over such records too. The usual cause is a $ORIGIN of another zone, or a "
     "file that was loaded for the wrong zone.\n"
     "    $ORIGIN example.com."},
    {"Z106", kError, "CNAME beside other data",
     "A name with a CNAME record is an alias for another, and may own nothing else but its DNSSEC records (RFC 1034 "
     "3.6.2, "
     "RFC 2181 10.1, RFC 4034): a resolver that has the CNAME never asks for the rest, so the answers would depend on "
     "the order "
     "of the questions. At the apex a CNAME is never possible, since SOA and NS stand there: write the addresses, or "
     "HTTPS "
     "and SVCB records, which may be aliases.\n"
     "    @ HTTPS 0 www.example.net."},
    {"Z107", kError, "several CNAME records at one name",
     "A name is an alias of one other name (RFC 2181 10.1): with two CNAME records it is not defined which is meant, "
     "and "
     "resolvers discard such an answer. Keep one. To spread load, give the target several address records.\n"
     "    www CNAME pool\n"
     "    pool A 192.0.2.1\n"
     "    pool A 192.0.2.2"},
    {"Z108", kError, "several DNAME records at one name",
     "A name redirects the names below it to one other place (RFC 6672 2.4): with two DNAME records the answer would "
     "not be defined. "
     "Keep one.\n"
     "    old DNAME new.example.com."},
    {"Z109", kError, "DNAME beside CNAME",
     "A name cannot have both a DNAME and a CNAME record (RFC 6672 2.4): a CNAME allows no other data beside it. If "
     "the name "
     "itself shall follow as well, give it its own records, or make the parent the owner of the DNAME.\n"
     "    old DNAME new.example.com.\n"
     "    old A 192.0.2.1"},
    {"Z110", kError, "names below a DNAME",
     "A DNAME redirects all names below its owner, so nothing that stands there can ever be answered, and RFC 6672 2.4 "
     "forbids it. Move "
     "the records to the target of the DNAME, or remove the DNAME and write a CNAME for each name.\n"
     "    a.old CNAME a.new.example.com.\n"
     "    b.old CNAME b.new.example.com."},
    {"Z111", kError, "record set too large",
     "The records of this name and type do not fit into one message of 65,535 octets (RFC 1035 4.2.2), so that no "
     "server can "
     "answer with them, not even over TCP. Spread them over several names.\n"
     "    pool1 A 192.0.2.1\n"
     "    pool2 A 192.0.2.2"},
    {"Z112", kWarning, "NS, MX or SRV points to an alias",
     "The name that an NS, MX or SRV record points to must own addresses itself and not be a CNAME (RFC 2181 10.3, RFC "
     "2782): "
     "the additional section then lacks the addresses, each lookup takes a detour, and some mail servers and resolvers "
     "refuse. Point to the name that the alias leads to.\n"
     "    @ MX 10 mail.example.com.\n"
     "    mail A 192.0.2.25"},
    {"Z113", kWarning, "target has no address",
     "The record points to a name of this zone that has neither A nor AAAA, so that nobody can reach what it promises. "
     "Usually a record is missing, or a final dot: a name without one is extended by the origin.\n"
     "    @ MX 10 mail\n"
     "    mail A 192.0.2.25"},
    {"Z114", kWarning, "delegation lacks glue",
     "A server named by this delegation lies at or below the delegated name, so its address can only be learnt from "
     "here, and here is none (RFC 9471). Resolvers that follow the delegation get stuck. Write the "
     "address records of the server in this zone.\n"
     "    sub     NS ns1.sub\n"
     "    ns1.sub A  192.0.2.53"},
    {"Z115", kWarning, "data that is never answered",
     "The name lies below a delegation, and the records are no glue: the server refers every question for them to the "
     "servers of the delegated zone (RFC 1034 4.3.2, 4.2.1). Move the records to the delegated zone's file, or remove "
     "the "
     "delegation if this zone shall answer for them."},
    {"Z116", kWarning, "DS without delegation",
     "A DS record says which key signs a delegated zone (RFC 4035 2.4), but the name has no NS records and is no "
     "delegation. Validators have no use for it. Write the NS records, or remove the DS record.\n"
     "    sub NS ns.example.net.\n"
     "    sub DS 12345 13 2 ..."},
    {"Z117", kWarning, "data beside a delegation",
     "At a delegated name the parent holds only NS, DS and NSEC with their signatures, and glue addresses (RFC 4035 "
     "2.5): the "
     "rest belongs to the delegated zone and is never answered from here (RFC 2181 6.1). Move it to that zone's file."},
    {"Z118", kWarning, "duplicate record",
     "The record stands in the zone already. A set holds each record once (RFC 2181 5); the second is passed over. "
     "Often "
     "an entry was copied and not altered: look whether another value was meant."},
    {"Z119", kWarning, "TTL differs from that of the set",
     "All records of one name and type have the same TTL (RFC 2181 5.2); the zone is served with the lowest of them. "
     "Write "
     "the same TTL on each, or leave it to $TTL.\n"
     "    www 300 A 192.0.2.1\n"
     "    www 300 A 192.0.2.2"},
    {"Z120", kWarning, "delegation or DNAME by wildcard",
     "A wildcard stands for the names that it covers when their own records are asked for; it neither delegates nor "
     "redirects them, "
     "nor what is below them (RFC 4592 4.2 and 4.4). Other servers refuse such a zone or answer in other ways. "
     "Delegate each name "
     "by itself, or give the wildcard the addresses.\n"
     "    *.shop NS  ns.example.net.        ; delegates nothing\n"
     "    *.shop A   192.0.2.80"},
    {"Z121", kWarning, "signed with NSEC3 that cannot prove anything",
     "An NSEC3PARAM record at the apex says that NSEC3 records prove what does not exist (RFC 5155 4). None of them "
     "can be used: the "
     "algorithm must be 1, the flags 0 and the iterations at most 150, which is where resolvers stop to believe (RFC "
     "9276 3.2), and "
     "there must be an NSEC3 record with the same parameters for the apex. Without them, resolvers that validate take "
     "negative answers, "
     "answers from wildcards and delegations without DS for forged. Sign the zone again, best with no iterations and "
     "no salt.\n"
     "    @ NSEC3PARAM 1 0 0 -"},
    {"Z122", kWarning, "signatures have ended, or will soon",
     "A signature says until when it is valid (RFC 4034 3.1.5). Behind that moment resolvers that validate refuse what "
     "it signs, and the "
     "names are gone for whoever asks them. Sign the zone again, and find out why it was not: this is told from three "
     "days before."},
    {"Z201", kNote, "TTL taken from the SOA record",
     "The SOA record has no TTL and no $TTL stands above it, so its last field, the time that negative answers live, "
     "serves "
     "as TTL for it and for the records that follow. That was the meaning of the field before RFC 2308; say what you "
     "mean with a $TTL at the top.\n"
     "    $TTL 1h"},
    {"Z202", kWarning, "final dot forgotten?",
     "A name without a final dot is extended by the origin (RFC 1035 5.1), and this one ends in the origin already, so "
     "that the "
     "origin stands in it twice: example.com in the zone example.com. is read as example.com.example.com. Add the dot, "
     "or "
     "leave the origin away.\n"
     "    www CNAME host.example.com.\n"
     "    www CNAME host"},
    {"Z203", kWarning, "serial number is 0",
     "Serial 0 is legal, but several servers take it for unset, and some secondaries then fetch the zone at every "
     "refresh, or never. Begin with 1 or with the date.\n"
     "    @ SOA ns hostmaster 2026112201 7200 3600 1209600 300"},
    {"Z204", kWarning, "record set is large for UDP",
     "The records of this name and type do not fit into 1232 octets, the size of answers over UDP that reaches "
     "everybody "
     "unfragmented. Each resolver has to ask again over TCP, which is slower, and some networks still block it. Fewer "
     "or shorter "
     "records help: a name needs no more than a few TXT records."},
    {"Z205", kWarning, "file begins with a byte order mark",
     "The first three octets are the mark by which some editors begin UTF-8 files. A zone file has no use for it; it "
     "is "
     "passed over here, but other servers read it as part of the first owner. Save the file without it."},
    {"Z206", kNote, "SOA record repeated",
     "The same SOA record stands in the file twice, as where a zone transfer was written to a file: a transfer "
     "begins and ends with the SOA (RFC 5936 2.2). The second is passed over; it may be removed."},
};

}  // namespace

std::span<const CodeRow> zone_codes() { return kZoneCodes; }

}  // namespace dns
