// The errors of each field syntax: code, offset in the text, number of octets under the caret, and message.
#include <doctest/doctest.h>

#include "tests/support/rdata.h"
#include "zone/diagnostic/field_codes.h"

namespace {

struct Row {
  std::string_view type, text, error;
};

constexpr Row kRows[] = {
    // Missing and extra fields.
    {"A", "", "Z020"},
    {"MX", "", "Z020 @0+1: expected the preference of MX, found nothing"},
    {"MX", "10", "Z020 @2+1: expected the exchange of MX, found nothing"},
    {"SOA", "a. b. 1 2 3 4", "Z020 @13+1: expected the minimum of SOA, found nothing"},
    {"SRV", "1 2", ""},
    {"SRV", "1 2 3", ""},
    {"NAPTR", "1 2 \"\" \"\"", ""},
    {"HINFO", "a", "Z020"},
    {"TXT", "", "Z020"},
    {"DS", "1 8 2", "Z020 @5+1: expected the digest of DS, found nothing"},
    {"DNSKEY", "257 3 13", "Z020"},
    {"RRSIG", "A 5 3 86400 20030322173103 20030220173103 2642 example.", "Z020"},
    {"NSEC", "", "Z020"},
    {"NSEC3", "1 0 0 -", "Z020"},
    {"NSEC3PARAM", "1 0 0", "Z020"},
    {"TLSA", "3 1 1", "Z020"},
    {"SSHFP", "1 1", "Z020"},
    {"CAA", "0 issue", "Z020 @7+1: expected the value of CAA, found nothing"},
    {"SVCB", "1", "Z020"},
    {"URI", "1 1", "Z020"},
    {"URI", "1 1 \"\"", "Z020 @5+1: the target of URI is empty"},
    {"KEY", "256 3 5", "Z020 @7+1: expected the public key of KEY, found nothing"},
    {"LOC", "", "Z020"},
    {"LOC", "1", "Z020"},
    {"LOC", "1 N 2 E", "Z020 @7+1: expected the altitude of LOC, found nothing"},
    {"WKS", "1.2.3.4", "Z020"},
    {"HIP", "2 20", "Z020"},
    {"HIP", "2", "Z020"},
    {"AMTRELAY", "10 0", "Z020"},
    {"AMTRELAY", "10 0 0", "Z020"},
    {"IPSECKEY", "10 1 2", "Z020 @6+1: expected the gateway of IPSECKEY, found nothing"},
    {"A6", "64", "Z020"},
    {"A6", "64 ::", "Z020"},
    {"CERT", "PKIX 1 1", "Z020"},
    {"CSYNC", "1", "Z020"},
    {"OPENPGPKEY", "", "Z020"},
    {"X25", "", "Z020"},
    {"GPOS", "1 2", "Z020"},
    {"A", "192.0.2.1 192.0.2.2", "Z021 @10+9: '192.0.2.2' after the end of the A record"},
    {"NS", "a. b.", "Z021 @3+2: 'b.' after the end of the NS record"},
    {"MX", "10 a. b", "Z021"},
    {"CAA", "0 issue \"a\" \"b\"", "Z021"},
    {"SRV", "1 2 3 . 4", "Z021"},
    {"ISDN", "a b c", "Z021"},
    {"EUI48", "00-00-5e-00-53-2a 1", "Z021"},
    {"NSEC3PARAM", "1 0 0 - A", "Z021"},
    {"HINFO", "a b c", "Z021"},
    {"IPSECKEY", "10 0 0 . AQID =", "Z034"},
    {"LOC", "1 N 2 E 0 1 2 3 4", "Z021"},
    {"DOA", "1 2 3 a - b", "Z021"},
    // Quotes.
    {"A", "\"192.0.2.1\"", "Z022 @1+11: the address of A must not be quoted"},
    {"MX", "\"10\" a.", "Z022"},
    {"NS", "\"a.\"", "Z022"},
    {"DS", "1 8 2 \"ab\"", "Z022"},
    {"CAA", "0 \"issue\" a", "Z022"},
    {"NSEC", "a. \"A\"", "Z022"},
    {"SVCB", "1 . \"alpn=h2\"", "Z022"},
    {"TYPE731", "\\# \"1\" 00", "Z022"},
    // Numbers.
    {"MX", "1x a.", "Z023 @1+1: the preference of MX must be a number from 0 to 65535"},
    {"MX", "-1 a.", "Z023 @0+1: the preference of MX must be a number from 0 to 65535"},
    {"MX", "1.5 a.", "Z023 @1+1"},
    {"MX", "+1 a.", "Z023"},
    {"MX", "0x10 a.", "Z023 @1+1"},
    {"MX", "mail a.", "Z023 @0+1"},
    {"MX", "65536 a.", "Z024 @0+5: 65536 is larger than 65535"},
    {"MX", "99999999999999999999999999 a.", "Z024 @0+26: 99999999999999999999999999 is larger than 65535"},
    {"CAA", "256 issue a", "Z024 @0+3: 256 is larger than 255"},
    {"SRV", "1 2 70000 a.", "Z024 @4+5: 70000 is larger than 65535"},
    {"SOA", "a. b. 4294967296 1 1 1 1", "Z024 @6+10: 4294967296 is larger than 4294967295"},
    {"UID", "4294967296", "Z024"},
    {"IPN", "18446744073709551616", "Z024 @0+20: 18446744073709551616 is larger than 18446744073709551615"},
    {"TLSA", "3 1 256 00", "Z024"},
    {"DNSKEY", "65536 3 13 AQ==", "Z024"},
    {"DS", "1 256 2 00", "Z024"},
    {"A6", "129 ::", "Z024 @0+3: 129 is larger than 128"},
    {"AMTRELAY", "10 2 1 1.2.3.4", "Z024 @3+1: 2 is larger than 1"},
    {"AMTRELAY", "10 0 128 .", "Z024"},
    {"APL", "1:0.0.0.0/33", "Z024 @10+2: 33 is larger than 32"},
    {"APL", "2:::/129", "Z024"},
    {"APL", "70000:::/1", "Z024"},
    {"APL", "x:::/1", "Z023"},
    {"APL", "1:1.2.3.4/", "Z023"},
    {"LOC", "91 N 2 E 0", "Z024 @0+2: 91 is larger than 90"},
    {"LOC", "1 N 181 E 0", "Z024"},
    {"LOC", "1 60 N 2 E 0", "Z024 @2+2: 60 is larger than 59"},
    // IPv4.
    {"A", "192.0.2.256", "Z025 @8+3: 256 is larger than 255"},
    {"A", "192.0.2", "Z025 @0+7: an IPv4 address has 4 octets, this one has 3"},
    {"A", "192.0.2.1.5", "Z025 @9+2: an IPv4 address has 4 octets, this one has more"},
    {"A", "192.0.02.1", "Z025 @6+2: an octet of an IPv4 address must not begin with 0"},
    {"A", "192..2.1", "Z025 @4+1: an octet of the IPv4 address is missing"},
    {"A", "192.0.2.", "Z025 @7+1: an octet of the IPv4 address is missing"},
    {"A", ".192.0.2", "Z025 @0+1"},
    {"A", "192.0.2.x", "Z025 @8+1: 'x' is not allowed in an IPv4 address"},
    {"A", "1.2.3.4/24", "Z025 @7+1"},
    {"A", "www", "Z025 @0+1"},
    {"A", "0300.1.1.1", "Z025"},
    {"A", "1.2.3.99999999999999999999", "Z025"},
    {"A", "2001:db8::1", "Z025 @4+1"},
    {"A", "@", "Z025"},
    {"A", "1.2.3.-4", "Z025"},
    {"L32", "10 1.2.3", "Z025"},
    {"WKS", "1.2.3 tcp", "Z025"},
    {"IPSECKEY", "10 1 2 host. AQID", "Z025"},
    {"AMTRELAY", "10 0 1 ::1", "Z025"},
    {"APL", "1:1.2.3/8", "Z025"},
    {"SVCB", "1 . ipv4hint=1.2.3.4,1.2.3", "Z025 @21+5: an IPv4 address has 4 octets, this one has 3"},
    // IPv6.
    {"AAAA", "2001:db8::1::2", "Z026 @11+2: \"::\" may occur only once in an IPv6 address"},
    {"AAAA", "1:2:3:4:5:6:7", "Z026 @0+13: an IPv6 address has 8 groups, this one has 7"},
    {"AAAA", "1:2:3:4:5:6:7:8:9", "Z026 @16+1: an IPv6 address has 8 groups, this one has more"},
    {"AAAA", "12345::", "Z026 @0+5: a group of an IPv6 address has at most 4 digits"},
    {"AAAA", "1::g", "Z026 @3+1: 'g' is not a hexadecimal digit"},
    {"AAAA", "1:2:3:4:5:6:7:8::", "Z026"},
    {"AAAA", "::1:2:3:4:5:6:7:8", "Z026"},
    {"AAAA", ":1::", "Z026 @0+1: a group of the IPv6 address is missing"},
    {"AAAA", "1:2:3:4:5:6:7:", "Z026 @13+1: an IPv6 address must not end with a single colon"},
    {"AAAA", ":", "Z026"},
    {"AAAA", ":::", "Z026"},
    {"AAAA", "::1.2.3.4:5", "Z026 @2+7: an IPv4 address is only allowed at the end of an IPv6 address"},
    {"AAAA", "::1.2.3.256", "Z026 @8+3: 256 is larger than 255"},
    {"AAAA", "1:2:3:4:5:6:7:1.2.3.4", "Z026"},
    {"AAAA", "1.2.3.4", "Z026"},
    {"AAAA", "fe80::1%eth0", "Z026"},
    {"AAAA", "2001:db8::/32", "Z026"},
    {"AAAA", "[::1]", "Z026"},
    {"AAAA", "1:2:3:4:5:6:1.2.3", "Z026"},
    {"A6", "64 1.2.3.4 a.", "Z026"},
    {"APL", "2:1::2::3/8", "Z026"},
    {"SVCB", "1 . ipv6hint=1", "Z026"},
    // Times.
    {"SOA", "a. b. 1 1y 2 3 4",
     "Z027 @9+1: the refresh of SOA must be a time: seconds, or numbers with s, m, h, d or w"},
    {"SOA", "a. b. 1 h 2 3 4", "Z027"},
    {"SOA", "a. b. 1 1hh 2 3 4", "Z027"},
    {"SOA", "a. b. 1 -1 2 3 4", "Z027"},
    {"SOA", "a. b. 1 99999w 2 3 4", "Z024"},
    {"SOA", "a. b. 1 4294967296 2 3 4", "Z024"},
    {"SOA", "a. b. 1 4294967295s1s 2 3 4", "Z024"},
    {"SOA", "a. b. 1 1h30 2 3 4",
     "Z027 @10+1: the refresh of SOA must be a time: seconds, or numbers with s, m, h, d or w"},
    {"RRSIG", "A 5 3 x 20030322173103 20030220173103 2642 a. AQID", "Z027"},
    {"RRSIG", "A 5 3 1 20031322173103 20030220173103 1 a. AQID",
     "Z028 @12+2: invalid month 13 in the expiration of RRSIG"},
    {"RRSIG", "A 5 3 1 20030229173103 20030220173103 1 a. AQID", "Z028 @14+2: this month has no day 29"},
    {"RRSIG", "A 5 3 1 20030322243103 20030220173103 1 a. AQID", "Z028"},
    {"RRSIG", "A 5 3 1 20030322176003 0 1 a. AQID", "Z028"},
    {"RRSIG", "A 5 3 1 20030322173160 0 1 a. AQID", "Z028"},
    {"RRSIG", "A 5 3 1 20030300173103 0 1 a. AQID", "Z028"},
    {"RRSIG", "A 5 3 1 19691231235959 0 1 a. AQID", "Z028"},
    {"RRSIG", "A 5 3 1 21060207062816 0 1 a. AQID", "Z028"},
    {"RRSIG", "A 5 3 1 200303221731 0 1 a. AQID", "Z028"},
    {"RRSIG", "A 5 3 1 2003-03-22 0 1 a. AQID", "Z028 @12+1"},
    {"RRSIG", "A 5 3 1 4294967296 0 1 a. AQID", "Z024"},
    {"SIG", "A 5 3 1 tomorrow 0 1 a. AQID", "Z028"},
    // Names.
    {"NS", "a..b", "Z029 @2+1: empty label in the host of NS"},
    {"NS", ".a", "Z029"},
    {"NS", "a\\", "Z029"},
    {"NS", "a\\2", "Z029"},
    {"NS", "a\\256.", "Z029 @1+1: malformed escape (write \\X, or \\DDD with DDD from 000 to 255) in the host of NS"},
    {"NS", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl.", "Z029"},
    {"NS", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl", "Z029"},
    {"CNAME", "..", "Z029"},
    {"MX", "10 a..", "Z029 @5+1: empty label in the exchange of MX"},
    {"SOA", "a. b..c 1 2 3 4 5", "Z029"},
    {"SVCB", "1 a..b", "Z029"},
    {"HIP", "2 20 AQID a..", "Z029"},
    {"IPSECKEY", "10 3 2 a.. AQID", "Z029"},
    {"AMTRELAY", "1 0 3 a..", "Z029"},
    // Strings.
    {"TXT", "\"\\300\"", "Z031 @1+4: malformed escape in the text of TXT"},
    {"TXT", "\\25", "Z031"},
    {"TXT", "ab\\2x5", "Z031 @2+4"},
    {"CAA", "0 issue \"\\999\"", "Z031"},
    {"HINFO", "\\1 b", "Z031"},
    {"SVCB", "1 . key9999=\\400", "Z031 @12+1"},
    {"X25", "123", "Z048 @0+3: the PSDN address of X25 must have at least 4 decimal digits"},
    {"X25", "12345x", "Z048"},
    {"GPOS", "1 north 2", "Z048 @2+5: the latitude of GPOS must be a decimal number"},
    {"GPOS", "1. 2 3", "Z048"},
    {"GPOS", "1 2 .3", "Z048"},
    {"GPOS", "1 2 \"\"", "Z048"},
    {"GPOS", "1e3 2 3", "Z048"},
    {"CAA", "0 issue-wild a", "Z047 @7+1: the tag of CAA must contain only letters and digits"},
    {"CAA", "0 iss\\117e a", "Z047"},
    // Digits.
    {"DS", "1 8 200 abcg", "Z032 @11+1: 'g' is not a hexadecimal digit in the digest of DS"},
    {"DS", "1 8 200 0x12", "Z032 @9+1"},
    {"DS", "1 8 200 abc", "Z033 @10+1: the digest of DS has an odd number of hexadecimal digits"},
    {"DS", "1 8 200 ab c", "Z033 @11+1"},
    {"TLSA", "3 1 1 ab zz", "Z032"},
    {"SSHFP", "1 5 a-b", "Z032"},
    {"NSEC3PARAM", "1 0 0 abc", "Z033"},
    {"NSEC3PARAM", "1 0 0 xy", "Z032"},
    {"EID", "0x", "Z032"},
    {"NIMLOC", "1", "Z033"},
    {"HIP", "2 2g AQID", "Z032"},
    {"HIP", "2 2 AQID", "Z033"},
    {"DNSKEY", "257 3 13 mdsswUyr3DP", "Z034"},
    {"DNSKEY", "257 3 13 A", "Z034"},
    {"DNSKEY", "257 3 13 AQ", "Z034 @10+1"},
    {"DNSKEY", "257 3 13 AQ=", "Z034"},
    {"DNSKEY",
     "257 3 13 AR==", "Z034 @12+1: the unused last bits in the base64 of the public key of DNSKEY are not zero"},
    {"DNSKEY", "257 3 13 AQJ=", "Z034"},
    {"DNSKEY", "257 3 13 AQ==AQ==", "Z034 @13+1: text after the end of the base64 of the public key of DNSKEY"},
    {"DNSKEY", "257 3 13 AQ=A", "Z034"},
    {"DNSKEY", "257 3 13 A=Q=", "Z034 @10+1"},
    {"DNSKEY", "257 3 13 ====", "Z034"},
    {"DNSKEY", "257 3 13 AQ-_", "Z034 @11+1: '-' is not a base64 character in the public key of DNSKEY"},
    {"DHCID", "AQI", "Z034"},
    {"OPENPGPKEY", "AQID AQ", "Z034"},
    {"CERT", "PKIX 1 1 A*ID", "Z034"},
    {"RRSIG", "A 5 3 1 1 0 1 a. A", "Z034"},
    {"HIP", "2 20 AQ", "Z034"},
    {"IPSECKEY", "10 0 2 . ABC", "Z034"},
    {"DOA", "1 2 3 a A", "Z034"},
    {"NSEC3", "1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJW A",
     "Z035 @39+1: 'W' is not a base32hex digit in the next hashed owner of NSEC3"},
    {"NSEC3", "1 0 0 - 00= A", "Z035"},
    {"NSEC3", "1 0 0 - 0 A", "Z035"},
    {"NSEC3", "1 0 0 - 001 A", "Z035"},
    {"NSEC3", "1 0 0 - 01 A", "Z035"},
    // Types and mnemonics.
    {"NSEC", "b. A AAA", "Z036 @5+3: 'AAA' is not a record type"},
    {"NSEC", "b. TYPE65536", "Z036"},
    {"NSEC", "b. TYPE", "Z036"},
    {"NSEC", "b. TYPE1x", "Z036"},
    {"RRSIG", "AX 5 3 1 1 0 1 a. AQID", "Z036 @0+2"},
    {"CSYNC", "1 3 A,NS", "Z036"},
    {"NSEC3", "1 0 0 - 00 12", "Z036"},
    {"NXT", "b. CAA", "Z036 @3+3: NXT can only list types below 128"},
    {"DSYNC", "X NOTIFY 1 .", "Z036"},
    {"DS", "1 RSASHA3 2 00", "Z037 @2+7: 'RSASHA3' is not a known value for the algorithm of DS"},
    {"DNSKEY", "257 3 ED25518 AQ==", "Z037"},
    {"CERT", "PKI 1 1 AQID", "Z038 @0+3: 'PKI' is not a known value for the certificate type of CERT"},
    {"CERT", "65536 1 1 AQID", "Z024"},
    {"DSYNC", "CDS NOTIFI 1 .", "Z057"},
    {"DSYNC", "CDS 256 1 .", "Z024"},
    {"WKS", "1.2.3.4 tpc", "Z040 @8+3: 'tpc' is not a known value for the protocol of WKS"},
    {"WKS", "1.2.3.4 tcp stmp", "Z040"},
    {"WKS", "1.2.3.4 256", "Z024"},
    {"WKS", "1.2.3.4 tcp 65536", "Z024"},
    // Digests.
    {"DS", "1 8 2 2BB183AF5F22588179A53B0A98631FAD1A292118",
     "Z039 @6+40: the digest of DS has 20 octets, but digest type 2 needs 32"},
    {"DS", "1 8 1 2BB183AF5F22588179A53B0A98631FAD1A2921", "Z039"},
    {"DS", "1 8 4 00", "Z039"},
    {"CDS", "1 8 2 00", "Z039"},
    {"DLV", "1 8 1 00", "Z039"},
    {"SSHFP", "4 2 00", "Z039"},
    {"SSHFP", "4 1 00", "Z039"},
    {"ZONEMD", "1 1 1 00", "Z039"},
    {"ZONEMD", "1 1 2 000000000000000000000000", "Z039"},
    {"ZONEMD", "1 1 240 0000000000000000000000", "Z039"},
    // Positions and prefixes.
    {"LOC", "1 x 2 E 0", "Z023"},
    {"LOC", "1 2 x 2 E 0", "Z041"},
    {"LOC", "1 2 60 N 2 E 0", "Z041"},
    {"LOC", "1 2 3.4567 N 2 E 0", "Z041"},
    {"LOC", "1 2 3 E 2 E 0", "Z041 @6+1: the direction of latitude of LOC must be N or S"},
    {"LOC", "1 N 2 N 0", "Z023"},
    {"LOC", "90 0 0.001 N 2 E 0", "Z041"},
    {"LOC", "1 N 180 1 E 0", "Z041 @4+3: the angle is larger than 180 degrees"},
    {"LOC", "1 N 2 E high", "Z041"},
    {"LOC", "1 N 2 E 1.234", "Z041"},
    {"LOC", "1 N 2 E -100000.01", "Z041"},
    {"LOC", "1 N 2 E 42849672.96", "Z041"},
    {"LOC", "1 N 2 E 0 90000000.01", "Z041"},
    {"LOC", "1 N 2 E 0 -1", "Z041"},
    {"LOC", "1 N 2 E m", "Z041"},
    {"LOC", "1 N 2 E 0 1 2 x", "Z041"},
    {"LOC", "1 N 2 E 9999999999999999999999", "Z041"},
    {"LOC", "1 2 -3 N 2 E 0", "Z041"},
    {"APL", "1.2.3.4/8", "Z042 @0+9: malformed prefix of APL"},
    {"APL", "1:1.2.3.4", "Z042"},
    {"APL", "3:aa/8", "Z042 @0+1"},
    {"APL", "!!1:1.2.3.4/8", "Z023"},
    {"APL", "1/2:3", "Z042"},
    // Gateways.
    {"IPSECKEY", "10 4 2 . AQID", "Z043 @3+1: unknown type 4: use 0 for none, 1 for IPv4, 2 for IPv6, 3 for a name"},
    {"IPSECKEY", "10 0 2 gw. AQID", "Z043 @7+3: the gateway of IPSECKEY must be \".\" for type 0"},
    {"AMTRELAY", "10 0 0 a.", "Z043"},
    {"AMTRELAY", "10 0 4 a.", "Z043 @5+1"},
    // Services.
    {"SVCB", "1 . aplan=h2", "Z044 @4+5: 'aplan' is not a service parameter"},
    {"SVCB", "1 . key65535", "Z044"},
    {"SVCB", "1 . key", "Z044"},
    {"SVCB", "1 . key01=a", "Z044"},
    {"SVCB", "1 . =a", "Z044"},
    {"HTTPS", "1 . h2", "Z044"},
    {"SVCB", "1 . port = 3", "Z045"},
    {"SVCB", "1 . alpn", "Z045 @4+4: the alpn of SVCB needs a value"},
    {"SVCB", "1 . alpn=", "Z045"},
    {"SVCB", "1 . alpn=\"\"", "Z045"},
    {"SVCB", "1 . alpn=h2,", "Z045"},
    {"SVCB", "1 . alpn=,h2", "Z045"},
    {"SVCB", "1 . alpn=h2,,h3", "Z045"},
    {"SVCB", "1 . alpn=h2\\\\", "Z045"},
    {"SVCB", "1 . port=65536", "Z024 @9+5: 65536 is larger than 65535"},
    {"SVCB", "1 . port=x", "Z023 @9+1: the port of SVCB must be a number from 0 to 65535"},
    {"SVCB", "1 . port", "Z045"},
    {"SVCB", "1 . port=1,2", "Z023"},
    {"SVCB", "1 . no-default-alpn=x alpn=h2", "Z045"},
    {"SVCB", "1 . ohttp=1", "Z045"},
    {"SVCB", "1 . ech=A", "Z034 @8+1"},
    {"SVCB", "1 . ech=", "Z045"},
    {"SVCB", "1 . ipv4hint=1.2.3.4,", "Z045"},
    {"SVCB", "1 . dohpath=/dns", "Z045"},
    {"SVCB", "1 . dohpath=dns{?dns}", "Z045"},
    {"SVCB", "1 . mandatory=", "Z045"},
    {"SVCB", "1 . mandatory=foo", "Z045 @14+3"},
    {"SVCB", "1 . mandatory=mandatory", "Z045"},
    {"SVCB", "1 . mandatory=port,port port=1", "Z045 @19+4: port is listed twice"},
    {"SVCB", "1 . mandatory=port,,alpn", "Z045"},
    {"SVCB", "1 . tls-supported-groups=29,29", "Z045"},
    {"SVCB", "1 . tls-supported-groups=", "Z045"},
    {"SVCB", "1 . mandatory=port", "Z046 @4+14: mandatory lists port, but it is missing"},
    {"SVCB", "1 . port=1 mandatory=key9,port", "Z046 @11+19"},
    {"SVCB", "1 . port=1 port=2", "Z046 @11+4: port occurs twice"},
    {"SVCB", "1 . key99=a key10=b key99=c", "Z046"},
    {"SVCB", "1 . port=1 key3=x", "Z023"},
    {"SVCB", "1 . no-default-alpn", "Z046 @4+15: no-default-alpn requires alpn"},
    {"HTTPS", "0 . alpn=h2", "Z046 @4+7: priority 0 (AliasMode) allows no parameters"},
    {"HTTPS", "x . alpn=h2", "Z023"},
    // Networks.
    {"NSAP", "47.0005", "Z049 @0+7: the address of NSAP must begin with 0x"},
    {"NSAP", "0x", "Z049"},
    {"NSAP", "0x4", "Z033"},
    {"NSAP", "0x4g", "Z049 @3+1"},
    {"ATMA", "+12x", "Z049 @3+1"},
    {"ATMA", "+", "Z049"},
    {"ATMA", "xyz", "Z049"},
    {"ATMA", "123", "Z033"},
    {"EUI48", "00-00-5e-00-53", "Z050 @0+14: the address of EUI48 must have 17 characters, but has 14"},
    {"EUI48", "00:00:5e:00:53:2a", "Z050 @2+1"},
    {"EUI48", "00-00-5e-00-53-2g", "Z050 @16+1"},
    {"EUI48", "00-00-5e-00-53-2a-00", "Z050"},
    {"EUI64", "00-00-5e-ef-10-00-00", "Z050"},
    {"EUI64", "0-0-5-e-1-0-0-2", "Z050"},
    {"NID", "10 14:4fff:ff20:ee64", "Z051 @5+1"},
    {"L64", "10 2001:0db8::", "Z051"},
    {"L64", "10 2001:0db8:1140", "Z051"},
    {"L64", "10 2001:0db8:1140:10000", "Z051"},
    {"HIP", "2 - AQID", "Z032"},
    // Generic form.
    {"A", "\\# 3 0a0000", "Z053 @10+1: the RDATA of A is too short"},
    {"A", "\\# 5 0a00000000", "Z053 @13+2: extra octets after the RDATA of A"},
    {"A", "\\# 0", "Z053 @3+1"},
    {"NS", "\\# 2 c00c", "Z053 @5+2: invalid name in the RDATA of NS"},
    {"DS", "\\# 5 0001080200", "Z053 @13+2: invalid value in the RDATA of DS"},
    {"TXT", "\\# 0", "Z053"},
    {"TXT", "\\# 2 0261", "Z053"},
    {"CAA", "\\# 3 00012d", "Z053"},
    {"NSEC", "\\# 4 00000100", "Z053"},
    {"SVCB", "\\# 7 00010000030000", "Z053"},
    {"LOC", "\\# 1 01", "Z053"},
    {"TYPE731", "\\# 3 0a00", "Z052 @3+1: the length is 3, but 2 octets follow"},
    {"TYPE731", "\\# 1 0a00", "Z052"},
    {"TYPE731", "\\# 1", "Z052"},
    {"TYPE731", "\\#", "Z020 @2+1: expected the length of TYPE731, found nothing"},
    {"TYPE731", "\\# x 00", "Z023"},
    {"TYPE731", "\\# 65536 00", "Z024"},
    {"TYPE731", "\\# 1 0", "Z033"},
    {"TYPE731", "\\# 1 0g", "Z032"},
    {"TYPE731", "\\# 2 0 00", "Z033"},
    {"TYPE731", "0a00", "Z054"},
    {"TYPE731", "", "Z054"},
    {"NULL", "abc", "Z054 @0+3: NULL has no text format"},
    {"UNSPEC", "\"a\"", "Z054"},
    {"ANY", "\\# 0", "Z056 @0+2: ANY occurs only in messages, not in zones"},
    {"OPT", "\\# 0", "Z056"},
    {"TSIG", "a", "Z056"},
    {"NXNAME", "\\# 0", "Z056"},
    {"TYPE0", "\\# 0", "Z056"},
    {"TYPE200", "\\# 0", "Z056"},
    {"AXFR", "", "Z056"},
};

}  // namespace

TEST_CASE("rdata text: reports each error with its code, position and message") {
  for (const Row& row : kRows) {
    CAPTURE(row.type);
    CAPTURE(row.text);
    const std::string error = test::rdata_hex(row.type, row.text);
    CHECK(error.starts_with("Z0"));
    CHECK(error.substr(0, row.error.size()) == row.error);
  }
}

TEST_CASE("rdata text: rejects values that are too long") {
  const std::string octets(256, 'a'), digits(131072, 'a');
  CHECK(test::rdata_hex("TXT", octets)
            .starts_with("Z030 @0+256: a string in the text of TXT has 256 octets, more than 255"));
  CHECK(test::rdata_hex("TXT", octets.substr(1)).starts_with("ff6161"));
  CHECK(test::rdata_hex("CAA", "0 " + octets + " a").starts_with("Z030"));
  CHECK(test::rdata_hex("HINFO", "\"" + octets + "\" a").starts_with("Z030"));
  CHECK(test::rdata_hex("NSEC3PARAM", "1 0 0 " + digits.substr(0, 512)).starts_with("Z032"));
  CHECK(test::rdata_hex("EID", digits).starts_with("Z055"));
  CHECK(test::rdata_hex("EID", digits.substr(2)).size() == 131070);
  CHECK(test::rdata_hex("URI", "1 1 \"" + digits + "\"").starts_with("Z055"));
  CHECK(test::rdata_hex("SVCB", "1 . key99=" + digits).starts_with("Z055"));
  CHECK(test::rdata_hex("OPENPGPKEY", digits).starts_with("Z055"));
  CHECK(test::rdata_hex("HIP", "2 " + digits.substr(0, 512) + " AQID")
            .starts_with("Z058 @2+512: the host identity tag of HIP must have 1 to 255 octets, but has 256"));
  std::string strings;
  for (int i = 0; i < 257; ++i) strings += octets.substr(1) + " ";
  CHECK(test::rdata_hex("TXT", strings).starts_with("Z055"));
  std::string name;
  for (int i = 0; i < 4; ++i) name += octets.substr(0, 63) + ".";
  CHECK(test::rdata_hex("NS", name).starts_with("Z029 @0+256: name longer than 255 octets"));
}

TEST_CASE("rdata text: gives help for misspelled words") {
  const auto help = [](std::string_view type, std::string_view text) {
    const auto rdata = test::read_rdata(test::type_of(type), text);
    return rdata ? std::string() : rdata.error().help;
  };
  CHECK(help("NSEC", "b. AAA") == "did you mean AAAA?");
  CHECK(help("SVCB", "1 . aplan=h2") == "did you mean alpn?");
  CHECK(help("DNSKEY", "257 3 ED25518 AQ==") == "did you mean ED25519?");
  CHECK(help("WKS", "1.2.3.4 tcp stmp") == "did you mean smtp?");
  CHECK(help("MX", "-1 a.") == "the number must not be negative");
  CHECK(help("MX", "\"10\" a.") == "remove the quotes");
}

TEST_CASE("field codes: are sorted, explained and covered by the rows above") {
  std::string_view last;
  for (const dns::CodeRow& code : dns::kFieldCodes) {
    CAPTURE(code.code);
    CHECK(code.code > last);
    CHECK(code.explanation.size() > 60);
    bool used = code.code == "Z030" || code.code == "Z055" || code.code == "Z058";  // these need long text
    for (const Row& row : kRows) used |= row.error.starts_with(code.code);
    CHECK(used);
    last = code.code;
  }
}
