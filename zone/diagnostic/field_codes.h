// Codes Z020 to Z059: what can be wrong within the RDATA of one record. A row explains itself to `waymark explain`.
#pragma once

#include "zone/diagnostic/diagnostic.h"

namespace dns {

inline constexpr CodeRow kFieldCodes[] = {
    {"Z020", Severity::kError, "field missing",
     "The record ends before all fields of its type are there, or a field that may not be empty is empty. Each type "
     "has its "
     "fields in a fixed order.\n\n"
     "    example.com.  MX  mail            ; the preference is missing\n"
     "    example.com.  MX  10 mail"},
    {"Z021", Severity::kError, "text behind the last field",
     "All fields of the type have been read, and there is more. Often a text with blanks lacks its quotes, a comment "
     "lacks its "
     "semicolon, or two records share a line.\n\n"
     "    www  A  192.0.2.1 192.0.2.2       ; one address a record\n"
     "    www  A  192.0.2.1\n"
     "    www  A  192.0.2.2"},
    {"Z022", Severity::kError, "quotes where none belong",
     "Only texts are quoted: the strings of TXT and HINFO, the value of CAA, the target of URI. Numbers, names, "
     "addresses and "
     "digits are not.\n\n"
     "    @  MX  \"10\" mail                  ; a number in quotes\n"
     "    @  MX  10 mail"},
    {"Z023", Severity::kError, "not a number",
     "The field is a whole number in decimal digits, without sign, unit or point.\n\n"
     "    _sip._tcp  SRV  1O 60 5060 sip    ; the letter O\n"
     "    _sip._tcp  SRV  10 60 5060 sip"},
    {"Z024", Severity::kError, "number too large",
     "The field has a fixed number of bits on the wire: 8 bits hold up to 255, 16 up to 65535, 32 up to 4294967295. "
     "Some fields "
     "have a lower limit by their meaning, such as degrees and prefix lengths.\n\n"
     "    _sip._tcp  SRV  10 60 70000 sip   ; no port is larger than 65535"},
    {"Z025", Severity::kError, "malformed IPv4 address",
     "An IPv4 address is four decimal numbers from 0 to 255, apart by dots, none with a leading zero: some programs "
     "would read "
     "010 as eight.\n\n"
     "    www  A  192.0.2.256               ; 256 is larger than 255\n"
     "    www  A  192.0.2.25"},
    {"Z026", Severity::kError, "malformed IPv6 address",
     "An IPv6 address is eight groups of at most four hexadecimal digits, apart by colons; \"::\" stands once for "
     "groups of "
     "zeros, and the last two groups may be written as an IPv4 address (RFC 4291 2.2).\n\n"
     "    www  AAAA  2001:db8::1::2         ; \"::\" twice\n"
     "    www  AAAA  2001:db8::1:0:2"},
    {"Z027", Severity::kError, "malformed time",
     "A time is a number of seconds, or numbers with units: s, m, h, d, w for seconds, minutes, hours, days and "
     "weeks.\n\n"
     "    @  SOA  ns mail 1 1y 15m 4w 1h    ; there is no unit for years\n"
     "    @  SOA  ns mail 1 2h 15m 4w 1h"},
    {"Z028", Severity::kError, "malformed point in time",
     "The times of a signature are written YYYYMMDDHHmmSS in UTC, or as seconds since 1970 (RFC 4034 3.2). They have "
     "32 bits, "
     "which end in 2106.\n\n"
     "    20260230000000                    ; February has no day 30"},
    {"Z029", Severity::kError, "malformed name",
     "A name has labels of 1 to 63 octets apart by dots, and at most 255 octets with their lengths (RFC 1035 3.1). A "
     "dot within "
     "a label is written \\. and an octet \\DDD.\n\n"
     "    www  CNAME  web..example.com.     ; an empty label\n"
     "    www  CNAME  web.example.com."},
    {"Z030", Severity::kError, "string longer than 255 octets",
     "A character-string has one octet for its length (RFC 1035 3.3). Longer text is split into several strings of the "
     "same "
     "record, which readers such as DKIM and SPF verifiers join without a blank.\n\n"
     "    k1._domainkey  TXT  \"v=DKIM1; k=rsa; p=MIIBIjAN...\" \"...IDAQAB\""},
    {"Z031", Severity::kError, "malformed escape",
     "A backslash stands before the character that it protects, or before exactly three decimal digits from 000 to "
     "255.\n\n"
     "    @  TXT  \"caf\\e\\301\"               ; 301 is larger than 255\n"
     "    @  TXT  \"caf\\195\\169\""},
    {"Z032", Severity::kError, "not a hexadecimal digit",
     "Digests, fingerprints and salts are written with the digits 0-9 and A-F, in either case. An empty salt is "
     "\"-\".\n\n"
     "    @  DS  60485 13 2 D4B7D520E7BB5F0G... ; G is no digit"},
    {"Z033", Severity::kError, "odd number of hexadecimal digits",
     "Two hexadecimal digits make an octet, so that their number is even. One was lost or is too many, most often at "
     "an end "
     "of what was pasted."},
    {"Z034", Severity::kError, "malformed base64",
     "Keys and signatures are written in base64 (RFC 4648 4): groups of four of A-Z a-z 0-9 + /, the last one padded "
     "by '='. "
     "It may be spread over several tokens. What is pasted incompletely most often fails here.\n\n"
     "    @  DNSKEY  257 3 13 mdsswUyr3DP   ; the last group lacks a digit"},
    {"Z035", Severity::kError, "malformed base32hex",
     "The hashed names of NSEC3 are written with the digits 0-9 and A-V without padding (RFC 5155 3.3); SHA-1 gives 32 "
     "of them."},
    {"Z036", Severity::kError, "unknown type",
     "A list of types, or the type that a signature covers, has a word that is no type. One without a name is written "
     "TYPEnnn.\n\n"
     "    a  NSEC  b A AAA RRSIG NSEC       ; AAAA"},
    {"Z037", Severity::kError, "unknown algorithm",
     "DNSSEC algorithms are numbers or the mnemonics of their registry, such as 13 or ECDSAP256SHA256, 15 or ED25519."},
    {"Z038", Severity::kError, "unknown certificate type",
     "The type of CERT is a number or one of PKIX, SPKI, PGP, IPKIX, ISPKI, IPGP, ACPKIX, IACPKIX, URI, OID (RFC 4398 "
     "2.1)."},
    {"Z039", Severity::kError, "digest of the wrong length",
     "The kind of a digest fixes its length: for DS and SSHFP SHA-1 has 20 octets and SHA-256 has 32, for DS SHA-384 "
     "has 48; for "
     "ZONEMD SHA-384 has 48 and SHA-512 has 64. Two hexadecimal digits are one octet. A DS that is cut short breaks "
     "the zone "
     "below it for all who validate."},
    {"Z040", Severity::kError, "unknown protocol or service",
     "WKS names protocols and services; most of what has ever been registered is understood only as a number.\n\n"
     "    host  WKS  192.0.2.1 tcp smtp 8080"},
    {"Z041", Severity::kError, "malformed position",
     "LOC is degrees, minutes and seconds with N or S, the same with E or W, then altitude, size and two precisions in "
     "metres; "
     "minutes, seconds and the last three may be left away (RFC 1876 3).\n\n"
     "    @  LOC  51 30 12.748 N 0 7 39.611 W 15m 1m 10000m 10m"},
    {"Z042", Severity::kError, "malformed prefix",
     "An item of APL is family:address/length, with \"!\" before it to exclude; family 1 is IPv4, 2 is IPv6 (RFC 3123 "
     "5).\n\n"
     "    @  APL  1:192.0.2.0/24 !1:192.0.2.64/28"},
    {"Z043", Severity::kError, "gateway does not fit its type",
     "The gateway of IPSECKEY and the relay of AMTRELAY are \".\" for type 0, an IPv4 address for 1, an IPv6 address "
     "for 2 and a "
     "name for 3 (RFC 4025 2.5, RFC 8777 4.2).\n\n"
     "    1.2.0.192.in-addr.arpa.  IPSECKEY  10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=="},
    {"Z044", Severity::kError, "unknown service parameter",
     "SVCB and HTTPS have the parameters mandatory, alpn, no-default-alpn, port, ipv4hint, ech, ipv6hint, dohpath, "
     "ohttp and "
     "tls-supported-groups; any other is written by its number, key0 to key65534 (RFC 9460 14.3.2).\n\n"
     "    @  HTTPS  1 . aplan=h2            ; alpn"},
    {"Z045", Severity::kError, "malformed value of a service parameter",
     "Each parameter has its own form: alpn a list of protocols apart by commas, port a number, ech base64, dohpath a "
     "path with "
     "{?dns}; no-default-alpn and ohttp take none (RFC 9460 7).\n\n"
     "    @  HTTPS  1 . alpn=h3,h2 port=8443"},
    {"Z046", Severity::kError, "service parameters contradict each other",
     "A parameter stands once. What mandatory lists must be there, no-default-alpn needs alpn, and priority 0 "
     "(AliasMode) has no "
     "parameters at all (RFC 9460 2.2, 2.4.2, 7.1.1, 8).\n\n"
     "    @  HTTPS  1 . mandatory=port      ; port=... is missing"},
    {"Z047", Severity::kError, "malformed tag",
     "The tag of CAA has only letters and digits (RFC 8659 4.1).\n\n"
     "    @  CAA  0 issue \"ca.example\""},
    {"Z048", Severity::kError, "malformed number in a string",
     "X25 holds a number of at least four digits (RFC 1183 3.1), GPOS three decimal numbers (RFC 1712 3)."},
    {"Z049", Severity::kError, "malformed network address",
     "NSAP is 0x and hexadecimal digits (RFC 1706); ATMA is \"+\" and digits, or hexadecimal digits. Dots between "
     "digits are "
     "read over."},
    {"Z050", Severity::kError, "malformed EUI",
     "EUI48 is six, EUI64 eight pairs of hexadecimal digits apart by hyphens (RFC 7043 3.2, 4.2).\n\n"
     "    host  EUI48  00-00-5e-00-53-2a"},
    {"Z051", Severity::kError, "malformed locator",
     "NID and L64 have four groups of four hexadecimal digits apart by colons, all written (RFC 6742 2.1, 2.3).\n\n"
     "    host  L64  10 2001:0db8:1140:1000"},
    {"Z052", Severity::kError, "length differs from the octets",
     "Behind \\# stand the number of octets and as many octets in hexadecimal (RFC 3597 5).\n\n"
     "    host  TYPE731  \\# 3 0A0000         ; three octets are six digits"},
    {"Z053", Severity::kError, "octets are no RDATA of the type",
     "The type is known, and the octets behind \\# are not what it holds: too few, too many, or a value out of its "
     "range. Names "
     "are written uncompressed (RFC 3597 5).\n\n"
     "    host  A  \\# 3 0A0000               ; an address has four octets"},
    {"Z054", Severity::kError, "type without a text form",
     "The type has a number and maybe a name, but no way to write its RDATA other than as octets (RFC 3597 5).\n\n"
     "    host  NULL  \\# 4 DEADBEEF"},
    {"Z055", Severity::kError, "RDATA longer than 65535 octets",
     "The length of RDATA has 16 bits (RFC 1035 3.2.1). What is longer is split over several records, or is not meant "
     "for DNS."},
    {"Z056", Severity::kError, "type that no zone holds",
     "OPT, TSIG, TKEY, ANY, AXFR and their like stand in questions and messages only (RFC 6895 3.1)."},
    {"Z057", Severity::kError, "unknown scheme",
     "The scheme of DSYNC is a number or NOTIFY, which is 1 (RFC 9859 6.2).\n\n"
     "    *._dsync  DSYNC  CDS NOTIFY 5300 scanner"},
    {"Z058", Severity::kError, "malformed host identity",
     "HIP has an algorithm, an identity tag of 1 to 255 octets in hexadecimal, a key in base64 and then rendezvous "
     "servers "
     "(RFC 8005 6)."},
};

}  // namespace dns
