// Codes Z020 to Z059: faults within the RDATA of one record. `waymark explain` prints the explanations.
#pragma once

#include "zone/diagnostic/diagnostic.h"

namespace dns {

inline constexpr CodeRow kFieldCodes[] = {
    {"Z020", Severity::kError, "field missing",
     "The record ends before all fields of its type, or a field is empty that must not be empty. Each type\n"
     "has its fields in a fixed order.\n"
     "\n"
     "    example.com.  MX  mail            ; bad: no preference\n"
     "    example.com.  MX  10 mail         ; good"},
    {"Z021", Severity::kError, "text after the last field",
     "There is more text after the last field of this type. Common causes: a text with blanks has no\n"
     "quotes, a comment has no semicolon, or two records are on one line.\n"
     "\n"
     "    www  A  192.0.2.1 192.0.2.2       ; bad: one address per record\n"
     "    www  A  192.0.2.1                 ; good\n"
     "    www  A  192.0.2.2"},
    {"Z022", Severity::kError, "quotes not allowed in this field",
     "Only texts are quoted: the strings of TXT and HINFO, the value of CAA, the target of URI. Write\n"
     "numbers, names, addresses and encoded data without quotes.\n"
     "\n"
     "    @  MX  \"10\" mail                  ; bad\n"
     "    @  MX  10 mail                    ; good"},
    {"Z023", Severity::kError, "not a number",
     "The field must be a whole number in decimal digits, without sign, unit or decimal point.\n"
     "\n"
     "    _sip._tcp  SRV  1O 60 5060 sip    ; bad: the letter O\n"
     "    _sip._tcp  SRV  10 60 5060 sip    ; good"},
    {"Z024", Severity::kError, "number too large",
     "The field has a fixed number of bits: 8 bits hold up to 255, 16 bits up to 65535, 32 bits up to\n"
     "4294967295. Some fields have a lower limit, such as degrees and prefix lengths.\n"
     "\n"
     "    _sip._tcp  SRV  10 60 70000 sip   ; bad: a port is at most 65535\n"
     "    _sip._tcp  SRV  10 60 5060 sip    ; good"},
    {"Z025", Severity::kError, "malformed IPv4 address",
     "An IPv4 address has four decimal numbers from 0 to 255, separated by dots. A number must not have a\n"
     "leading zero, because some programs read 010 as the octal number 8.\n"
     "\n"
     "    www  A  192.0.2.256               ; bad: 256 is larger than 255\n"
     "    www  A  192.0.2.25                ; good"},
    {"Z026", Severity::kError, "malformed IPv6 address",
     "An IPv6 address has eight groups of at most four hexadecimal digits, separated by colons. \"::\"\n"
     "replaces one sequence of zero groups and may occur once. The last two groups may be written as an\n"
     "IPv4 address (RFC 4291 2.2).\n"
     "\n"
     "    www  AAAA  2001:db8::1::2         ; bad: \"::\" twice\n"
     "    www  AAAA  2001:db8::1:0:2        ; good"},
    {"Z027", Severity::kError, "malformed time",
     "A time is a number of seconds, or numbers with the units s, m, h, d and w (seconds, minutes, hours,\n"
     "days, weeks).\n"
     "\n"
     "    @  SOA  ns mail 1 1y 15m 4w 1h    ; bad: no unit for years\n"
     "    @  SOA  ns mail 1 2h 15m 4w 1h    ; good"},
    {"Z028", Severity::kError, "malformed date of a signature",
     "The dates of a signature are written as YYYYMMDDHHmmSS in UTC, or as seconds since 1970 (RFC 4034\n"
     "3.2). The field has 32 bits; dates after 2106 continue from zero (RFC 4034 3.1.5).\n"
     "\n"
     "    20260230000000                    ; bad: February has no day 30\n"
     "    20260228000000                    ; good"},
    {"Z029", Severity::kError, "malformed name",
     "A name has labels of 1 to 63 octets, separated by dots, and at most 255 octets including the lengths\n"
     "of the labels (RFC 1035 3.1). Write \\. for a dot inside a label and \\DDD for any octet.\n"
     "\n"
     "    www  CNAME  web..example.com.     ; bad: empty label\n"
     "    www  CNAME  web.example.com.      ; good"},
    {"Z030", Severity::kError, "string longer than 255 octets",
     "A character string has one octet for its length (RFC 1035 3.3). Split a longer text into several\n"
     "strings in the same record. Readers such as DKIM and SPF verifiers join them without a blank.\n"
     "\n"
     "    k1._domainkey  TXT  \"v=DKIM1; k=rsa; p=MIIBIjAN...\" \"...IDAQAB\""},
    {"Z031", Severity::kError, "malformed escape",
     "A backslash must be followed by the character that it escapes, or by three decimal digits from 000\n"
     "to 255. Write \\\\ for a backslash.\n"
     "\n"
     "    @  TXT  \"caf\\301\"                 ; bad: 301 is larger than 255\n"
     "    @  TXT  \"caf\\195\\169\"             ; good"},
    {"Z032", Severity::kError, "not a hexadecimal digit",
     "Digests, fingerprints and salts are written with the digits 0-9 and A-F, in upper or lower case.\n"
     "Write \"-\" for an empty salt.\n"
     "\n"
     "    @  DS  60485 13 2 D4B7D520E7BB5F0G... ; bad: G is not a hexadecimal digit"},
    {"Z033", Severity::kError, "odd number of hexadecimal digits",
     "Each octet has two hexadecimal digits. One digit is missing or too many. Check the beginning and the\n"
     "end of the value if it was copied from elsewhere."},
    {"Z034", Severity::kError, "malformed base64",
     "Keys and signatures are written in base64 (RFC 4648 4): groups of four characters of A-Z a-z 0-9 +\n"
     "/. The last group is padded with '='. The value may contain blanks. Often the value was not copied\n"
     "completely.\n"
     "\n"
     "    @  DNSKEY  257 3 13 mdsswUyr3DP   ; bad: the last group has three characters"},
    {"Z035", Severity::kError, "malformed base32hex",
     "The hashed names of NSEC3 are written with the digits 0-9 and A-V, without padding (RFC 5155 3.3). A\n"
     "SHA-1 hash has 32 digits."},
    {"Z036", Severity::kError, "unknown type",
     "A word in the list of types, or the type that the signature covers, is not a record type. Write\n"
     "TYPEnnn for a type that has no name.\n"
     "\n"
     "    a  NSEC  b A AAA RRSIG NSEC       ; bad: AAA is not a type\n"
     "    a  NSEC  b A AAAA RRSIG NSEC      ; good"},
    {"Z037", Severity::kError, "unknown algorithm",
     "The field must be the number or the mnemonic of a DNSSEC algorithm, such as 13 or ECDSAP256SHA256,\n"
     "15 or ED25519."},
    {"Z038", Severity::kError, "unknown certificate type",
     "The type of a CERT record is a number or one of PKIX, SPKI, PGP, IPKIX, ISPKI, IPGP, ACPKIX,\n"
     "IACPKIX, URI and OID (RFC 4398 2.1)."},
    {"Z039", Severity::kError, "wrong digest length",
     "The digest type defines the length of the digest. DS: 20 octets for SHA-1, 32 for SHA-256, 48 for\n"
     "SHA-384. SSHFP: 20 octets for SHA-1, 32 for SHA-256. ZONEMD: 48 octets for SHA-384, 64 for SHA-512.\n"
     "TLSA and SMIMEA: 32 octets for SHA-256, 64 for SHA-512. NSEC3: 20 octets, 32 letters and digits.\n"
     "An octet has two hexadecimal digits. With an incomplete DS record, validation of the delegated zone\n"
     "fails. Copy the digest again."},
    {"Z040", Severity::kError, "unknown protocol or service",
     "WKS records contain a protocol and its services. Only common ones are known by name; write the\n"
     "numbers of others.\n"
     "\n"
     "    host  WKS  192.0.2.1 tcp smtp 8080"},
    {"Z041", Severity::kError, "malformed position",
     "A LOC record has degrees, minutes and seconds with N or S, the same with E or W, the altitude, the\n"
     "size and two precisions in metres. Minutes, seconds and the last three values are optional (RFC 1876\n"
     "3).\n"
     "\n"
     "    @  LOC  51 30 12.748 N 0 7 39.611 W 15m 1m 10000m 10m"},
    {"Z042", Severity::kError, "malformed address prefix",
     "An item of an APL record is family:address/length. Family 1 is IPv4, family 2 is IPv6. Write \"!\"\n"
     "before an item to exclude it (RFC 3123 5).\n"
     "\n"
     "    @  APL  192.0.2.0/24                        ; bad: no family\n"
     "    @  APL  1:192.0.2.0/24 !1:192.0.2.64/28     ; good"},
    {"Z043", Severity::kError, "gateway does not match its type",
     "The gateway of IPSECKEY and the relay of AMTRELAY must match the gateway type: \".\" for type 0, an\n"
     "IPv4 address for 1, an IPv6 address for 2, a name for 3 (RFC 4025 2.5, RFC 8777 4.2).\n"
     "\n"
     "    1.2.0.192.in-addr.arpa.  IPSECKEY  10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=="},
    {"Z044", Severity::kError, "unknown service parameter",
     "The parameters of SVCB and HTTPS are mandatory, alpn, no-default-alpn, port, ipv4hint, ech,\n"
     "ipv6hint, dohpath, ohttp and tls-supported-groups. Write any other parameter by its number: key0 to\n"
     "key65534 (RFC 9460 14.3.2).\n"
     "\n"
     "    @  HTTPS  1 . aplan=h2            ; bad\n"
     "    @  HTTPS  1 . alpn=h2             ; good"},
    {"Z045", Severity::kError, "malformed value of a service parameter",
     "Each parameter has its own format: alpn is a list of protocols separated by commas, port is a\n"
     "number, ech is base64, dohpath is a URI template with the variable dns, such as /q{?dns}. no-default-alpn\n"
     "and ohttp have no value (RFC 9460 7, RFC 9461 5). A value behind keyNNN is the octets of its wire form.\n"
     "\n"
     "    @  HTTPS  1 . alpn=h3,,h2          ; bad: an empty item\n"
     "    @  HTTPS  1 . alpn=h3,h2          ; good"},
    {"Z046", Severity::kError, "conflicting service parameters",
     "Each parameter may occur once. All parameters listed in mandatory must be present. no-default-alpn\n"
     "requires alpn (RFC 9460 2.2, 7.1.1, 8).\n"
     "\n"
     "    @  HTTPS  1 . mandatory=port             ; bad: no port\n"
     "    @  HTTPS  1 . mandatory=port port=8443   ; good"},
    {"Z047", Severity::kError, "malformed tag",
     "The tag of a CAA record contains only letters and digits (RFC 8659 4.1).\n"
     "\n"
     "    @  CAA  0 issue-wild \"ca.example\" ; bad\n"
     "    @  CAA  0 issuewild \"ca.example\"  ; good"},
    {"Z048", Severity::kError, "malformed number in a string",
     "An X25 record contains a number of at least four digits (RFC 1183 3.1). A GPOS record contains three\n"
     "decimal numbers (RFC 1712 3)."},
    {"Z049", Severity::kError, "malformed network address",
     "An NSAP address is 0x with hexadecimal digits (RFC 1706). An ATMA address is \"+\" with digits, or\n"
     "hexadecimal digits. Dots between the digits are ignored."},
    {"Z050", Severity::kError, "malformed EUI",
     "EUI48 has six and EUI64 has eight pairs of hexadecimal digits, separated by hyphens (RFC 7043 3.2,\n"
     "4.2).\n"
     "\n"
     "    host  EUI48  00:00:5e:00:53:2a    ; bad: colons\n"
     "    host  EUI48  00-00-5e-00-53-2a    ; good"},
    {"Z051", Severity::kError, "malformed locator",
     "NID and L64 have four groups of one to four hexadecimal digits, separated by colons (RFC 6742 2.1,\n"
     "2.3). There is no short form for groups of zeros.\n"
     "\n"
     "    host  L64  10 2001:db8::          ; bad\n"
     "    host  L64  10 2001:db8:0:0        ; good"},
    {"Z052", Severity::kError, "length does not match the data",
     "After \\# come the number of octets and the octets themselves in hexadecimal, two digits each (RFC\n"
     "3597 5). The number does not match.\n"
     "\n"
     "    host  TYPE731  \\# 3 0A0000        ; good: three octets are six digits"},
    {"Z053", Severity::kError, "data not valid for this type",
     "The octets after \\# are not valid RDATA of this type: too few, too many, or a value out of range.\n"
     "Names must be uncompressed (RFC 3597 5).\n"
     "\n"
     "    host  A  \\# 3 0A0000              ; bad: an address has four octets\n"
     "    host  A  \\# 4 0A000001            ; good"},
    {"Z054", Severity::kError, "type without a text format",
     "The data of this type can only be written as octets (RFC 3597 5).\n"
     "\n"
     "    host  NULL  \\# 4 DEADBEEF"},
    {"Z055", Severity::kError, "RDATA longer than 65535 octets",
     "The length of the RDATA has 16 bits (RFC 1035 3.2.1). Split the data over several records."},
    {"Z056", Severity::kError, "type not allowed in a zone",
     "OPT, TSIG, TKEY, ANY, AXFR and similar types occur only in queries and messages (RFC 6895 3.1).\n"
     "Remove the record."},
    {"Z057", Severity::kError, "unknown scheme",
     "The scheme of a DSYNC record is a number or NOTIFY, which is 1 (RFC 9859 6.2).\n"
     "\n"
     "    *._dsync  DSYNC  CDS NOTIFY 5300 scanner"},
    {"Z058", Severity::kError, "malformed host identity",
     "A HIP record has an algorithm, an identity tag of 1 to 255 octets in hexadecimal, a key in base64,\n"
     "and optional rendezvous servers (RFC 8005 6)."},
    {"Z059", Severity::kWarning, "service parameters of an alias",
     "An SVCB or HTTPS record with priority 0 (AliasMode) only names another target. Clients ignore its\n"
     "parameters (RFC 9460 2.4.2). Remove them, or give the record a priority of 1 or more.\n"
     "\n"
     "    @  HTTPS  0 www.example.net. alpn=h2    ; bad: alpn is ignored\n"
     "    @  HTTPS  0 www.example.net.            ; good\n"
     "    @  HTTPS  1 www.example.net. alpn=h2    ; good"},
};

}  // namespace dns
