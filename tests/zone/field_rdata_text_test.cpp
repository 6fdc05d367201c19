#include <doctest/doctest.h>

#include "tests/support/rdata.h"
#include "zone/field/rdata_text.h"
#include "zone/rr/rdata.h"
#include "zone/rr/table.h"

namespace {

// `text` is parsed to `wire`. `wire` is printed as `printed`; if `printed` is empty, as `text`. The origin is
// "example.".
struct Row {
  std::string_view type, text, wire, printed;
};

constexpr Row kRows[] = {
    {"A", "192.0.2.1", "c0000201", ""},
    {"A", "255.255.255.255", "ffffffff", ""},
    {"A", "0.0.0.0", "00000000", ""},
    {"NS", "ns1.example.", "036e7331 076578616d706c6500", ""},
    {"NS", "ns1", "036e7331 076578616d706c6500", "ns1.example."},
    {"NS", "@", "076578616d706c6500", "example."},
    {"NS", ".", "00", ""},
    {"NS", "a\\.b.c.", "03612e62 0163 00", "a\\.b.c."},
    {"NS", "\\097\\000.c.", "026100 0163 00", "a\\000.c."},
    {"MD", "host.", "04686f737400", ""},
    {"MF", "host.", "04686f737400", ""},
    {"CNAME", "Target.Example.", "06546172676574 074578616d706c65 00", ""},
    {"SOA", "ns.example. mail.example. 1 7200 3600 1209600 300",
     "026e73076578616d706c6500 046d61696c076578616d706c6500 00000001 00001c20 00000e10 00127500 0000012c", ""},
    {"SOA", "ns mail 4294967295 2h 1h 2w 5m",
     "026e73076578616d706c6500 046d61696c076578616d706c6500 ffffffff 00001c20 00000e10 00127500 0000012c",
     "ns.example. mail.example. 4294967295 7200 3600 1209600 300"},
    {"MB", "host.", "04686f737400", ""},
    {"MG", "host.", "04686f737400", ""},
    {"MR", "host.", "04686f737400", ""},
    {"NULL", "\\# 4 deadbeef", "deadbeef", "\\# 4 DEADBEEF"},
    {"NULL", "\\# 0", "", "\\# 0"},
    {"WKS", "10.0.0.1 6 21 23 25", "0a000001 06 00000540", ""},
    {"WKS", "10.0.0.1 tcp smtp ftp 23", "0a000001 06 00000540", "10.0.0.1 6 21 23 25"},
    {"WKS", "10.0.0.1 udp", "0a000001 11", "10.0.0.1 17"},
    {"PTR", "host.", "04686f737400", ""},
    {"HINFO", "\"PC-Intel\" \"Unix v6\"", "0850432d496e74656c 07556e6978207636", ""},
    {"HINFO", "PC \"\"", "025043 00", "\"PC\" \"\""},
    {"MINFO", "a. b.", "016100 016200", ""},
    {"MX", "10 mail.example.", "000a 046d61696c 076578616d706c6500", ""},
    {"MX", "0 .", "0000 00", ""},
    {"TXT", "\"v=spf1 -all\"", "0b763d73706631202d616c6c", ""},
    {"TXT", "a \"b c\" \"\"", "0161 03622063 00", "\"a\" \"b c\" \"\""},
    {"TXT", "\"q\\\"\\\\\\007\\255;\"", "06 71225c07ff3b", "\"q\\\"\\\\\\007\\255;\""},
    {"RP", "a. b.", "016100 016200", ""},
    {"AFSDB", "1 host.", "0001 04686f737400", ""},
    {"X25", "311061700956", "0c333131303631373030393536", "\"311061700956\""},
    {"ISDN", "\"150862028003217\" \"004\"", "0f313530383632303238303033323137 03303034", ""},
    {"ISDN", "150862028003217", "0f313530383632303238303033323137", "\"150862028003217\""},
    {"RT", "10 host.", "000a 04686f737400", ""},
    {"NSAP", "0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00", "47000580005a0000000001e133ffffff00016100",
     "0x47000580005a0000000001e133ffffff00016100"},
    {"NSAP-PTR", "host.", "04686f737400", ""},
    {"SIG", "A 5 2 3600 20300101000000 20260101000000 12345 example. AQID",
     "0001 05 02 00000e10 70dbd880 6955b900 3039 076578616d706c6500 010203", ""},
    {"KEY", "256 3 5 AQIDBA==", "0100 03 05 01020304", ""},
    {"KEY", "49152 3 0", "c000 03 00", ""},
    {"PX", "10 a. b.", "000a 016100 016200", ""},
    {"GPOS", "\"-32.6882\" \"116.8652\" \"10.0\"", "082d33322e36383832 083131362e38363532 0431302e30", ""},
    {"AAAA", "2001:db8::1", "20010db8000000000000000000000001", ""},
    {"AAAA", "::", "00000000000000000000000000000000", ""},
    {"AAAA", "1::", "00010000000000000000000000000000", ""},
    {"AAAA", "1:2:3:4:5:6:7::", "00010002000300040005000600070000", "1:2:3:4:5:6:7:0"},
    {"AAAA", "2001:DB8:0:0:1:0:0:1", "20010db8000000000001000000000001", "2001:db8::1:0:0:1"},
    {"AAAA", "::ffff:192.0.2.1", "00000000000000000000ffffc0000201", ""},
    {"AAAA", "64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221", "64:ff9b::c000:221"},
    {"LOC", "42 21 54 N 71 6 18 W -24m 30m", "00 33 16 13 89 17 2d d0 70 be 15 f0 00 98 8d 20",
     "42 21 54.000 N 71 6 18.000 W -24.00m 30m 10000m 10m"},
    {"LOC", "52 22 23 N 4 53 32 E -2 0 10000 100", "00 00 16 14 8b3cf018 810cbce0 009895b8",
     "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 100m"},
    {"LOC", "0 S 180 W 42849672.95m 0.01 90000000m 9m", "00 10 99 92 80000000 59604e00 ffffffff",
     "0 0 0.000 N 180 0 0.000 W 42849672.95m 0.01m 90000000m 9m"},
    {"NXT", "b. A MX NXT", "016200 40010002", ""},
    {"EID", "e3 2c6f", "e32c6f", "E32C6F"},
    {"NIMLOC", "321b", "321b", "321B"},
    {"SRV", "0 5 5060 sip.example.", "0000 0005 13c4 03736970 076578616d706c6500", ""},
    {"ATMA", "+61200000000", "013631323030303030303030", ""},
    {"ATMA", "39.246f.000e7c9c031200010001.000012345678.00", "0039246f000e7c9c03120001000100001234567800",
     "39246f000e7c9c03120001000100001234567800"},
    {"NAPTR", "100 50 \"s\" \"z3950+I2L+N2C\" \"\" _z3950._tcp.gatech.edu.",
     "0064 0032 0173 0d7a333935302b49324c2b4e3243 00 065f7a33393530045f7463700667617465636803656475 00", ""},
    {"KX", "10 host.", "000a 04686f737400", ""},
    {"CERT", "PKIX 65535 RSASHA256 AQID", "0001 ffff 08 010203", ""},
    {"CERT", "1 1 0 AQID", "0001 0001 00 010203", "PKIX 1 0 AQID"},
    {"CERT", "65280 1 200 AQID", "ff00 0001 c8 010203", ""},
    {"A6", "0 2001:db8::1", "00 20010db8000000000000000000000001", ""},
    {"A6", "64 ::1:2:3:4 subnet.example.", "40 0001000200030004 067375626e6574 076578616d706c6500", ""},
    {"A6", "128 host.", "80 04686f737400", ""},
    {"DNAME", "other.", "056f7468657200", ""},
    {"SINK", "1 2 3 AQID", "010203 010203", ""},
    {"SINK", "1 2 3", "010203", ""},
    {"APL", "1:192.168.32.0/21 !1:192.168.38.0/28", "0001 15 03 c0a820 0001 1c 83 c0a826", ""},
    {"APL", "1:224.0.0.0/4 2:ff00::/8", "0001 04 01 e0 0002 08 01 ff", ""},
    {"APL", "1:0.0.0.0/0", "0001 00 00", ""},
    {"APL", "", "", ""},
    {"DS", "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118", "ec45 05 01 2bb183af5f22588179a53b0a98631fad1a292118",
     ""},
    {"DS", "60485 rsasha1 1 2bb183af5f2258 8179a53b0a98631fad1a292118",
     "ec45 05 01 2bb183af5f22588179a53b0a98631fad1a292118", "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"},
    {"SSHFP", "2 1 123456789abcdef67890123456789abcdef67890", "02 01 123456789abcdef67890123456789abcdef67890",
     "2 1 123456789ABCDEF67890123456789ABCDEF67890"},
    {"IPSECKEY", "10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==",
     "0a 01 02 c0000226 010351537986ed35533b6064478eeeb27b5bd74dae149b6e81ba3a0521af82ab7801", ""},
    {"IPSECKEY", "10 0 0 .", "0a 00 00", ""},
    {"IPSECKEY", "10 2 2 2001:db8::1 AQID", "0a 02 02 20010db8000000000000000000000001 010203", ""},
    {"IPSECKEY", "10 3 2 gw.example. AQID", "0a 03 02 026777 076578616d706c6500 010203", ""},
    {"RRSIG", "A 5 3 86400 20030322173103 20030220173103 2642 example. AQID",
     "0001 05 03 00015180 3e7c9dd7 3e5510d7 0a52 076578616d706c6500 010203", ""},
    {"RRSIG", "TYPE731 13 3 1h 4294967295 0 2642 @ AQ ID",
     "02db 0d 03 00000e10 ffffffff 00000000 0a52 076578616d706c6500 010203",
     "TYPE731 13 3 3600 21060207062815 19700101000000 2642 example. AQID"},
    {"RRSIG", "A 5 3 1 21060207062817 99991231235959 1 @ AQID",
     "0001 05 03 00000001 00000001 fff4417f 0001 076578616d706c6500 010203",
     "A 5 3 1 19700101000001 21060129084031 1 example. AQID"},
    {"NSEC", "host.example. A MX RRSIG NSEC TYPE1234",
     "04686f7374 076578616d706c6500 0006400100000003 041b000000000000000000000000000000000000000000000000000020", ""},
    {"NSEC", "b. CAA A", "016200 000140 010140", "b. A CAA"},
    {"DNSKEY", "257 3 ECDSAP256SHA256 AQ==", "0101 03 0d 01", "257 3 13 AQ=="},
    {"DHCID", "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=",
     "000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40", ""},
    {"NSEC3", "1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA NSEC3PARAM RRSIG",
     "01 01 000c 04 aabbccdd 14 174eb2409fe28bcb4887a1836f957f0a8425e27b 0007 22010000000290",
     "1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR NS SOA MX RRSIG DNSKEY NSEC3PARAM"},
    {"NSEC3", "1 0 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR", "01 00 0000 00 14 174eb2409fe28bcb4887a1836f957f0a8425e27b",
     ""},
    {"NSEC3PARAM", "1 0 12 AABBCCDD", "01 00 000c 04 aabbccdd", ""},
    {"NSEC3PARAM", "1 0 0 -", "01 00 0000 00", ""},
    {"TLSA", "3 1 1 d2abde240d7cd3eed2abde240d7cd3ee d2abde240d7cd3eed2abde240d7cd3ee",
     "03 01 01 d2abde240d7cd3eed2abde240d7cd3eed2abde240d7cd3eed2abde240d7cd3ee",
     "3 1 1 D2ABDE240D7CD3EED2ABDE240D7CD3EED2ABDE240D7CD3EED2ABDE240D7CD3EE"},
    {"TLSA", "3 1 0 d2abde24 0d7cd3ee", "03 01 00 d2abde240d7cd3ee", "3 1 0 D2ABDE240D7CD3EE"},
    {"TLSA", "3 1 3 D2", "03 01 03 d2", ""},
    {"SMIMEA",
     "3 1 2 "
     "D2ABDE240D7CD3EED2ABDE240D7CD3EED2ABDE240D7CD3EED2ABDE240D7CD3EED2ABDE240D7CD3EED2ABDE240D7CD3EED2ABDE240D7CD3EED"
     "2ABDE240D7CD3EE",
     "03 01 02 "
     "d2abde240d7cd3eed2abde240d7cd3eed2abde240d7cd3eed2abde240d7cd3eed2abde240d7cd3eed2abde240d7cd3eed2abde240d7cd3eed"
     "2abde240d7cd3ee",
     ""},
    {"NSEC3", "2 0 0 - 04 A", "02 00 0000 00 01 01 00 01 40", ""},
    {"HIP", "2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cI rvs.example.com.",
     "10 02 001b 200100107b1a74df365639cc39f1d578 03010001b771ca136e4aeb5ce44333c53b3d2c13c22243851fc708 03727673 "
     "076578616d706c65 03636f6d 00",
     ""},
    {"HIP", "2 20 AQID", "01 02 0003 20 010203", ""},
    {"NINFO", "\"a\"", "0161", ""},
    {"RKEY", "0 0 1 AQID", "0000 00 01 010203", ""},
    {"TALINK", ". b.", "00 016200", ""},
    {"CDS", "0 0 0 00", "0000 00 00 00", ""},
    {"CDNSKEY", "0 3 0 AA==", "0000 03 00 00", ""},
    {"OPENPGPKEY", "AQ ID", "010203", "AQID"},
    {"CSYNC", "66 3 A NS AAAA", "00000042 0003 0004 60000008", ""},
    {"ZONEMD",
     "2018031900 1 1 c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c",
     "7848b91c 01 01 c68090d90a7aed716bc459f9340e3d7c1370d4d24b7e2fc3a1ddc0b9a87153b9a9713b3c9ae5cc27777f98b8e730044c",
     "2018031900 1 1 C68090D90A7AED716BC459F9340E3D7C1370D4D24B7E2FC3A1DDC0B9A87153B9A9713B3C9AE5CC27777F98B8E730044C"},
    // RFC 9460 appendix D.
    {"SVCB", "0 foo.example.com.", "0000 03666f6f 076578616d706c65 03636f6d 00", ""},
    {"SVCB", "1 .", "0001 00", ""},
    {"SVCB", "16 foo.example.com. port=53", "0010 03666f6f 076578616d706c65 03636f6d 00 0003 0002 0035", ""},
    {"SVCB", "1 foo.example.com. key667=hello", "0001 03666f6f 076578616d706c65 03636f6d 00 029b 0005 68656c6c6f",
     "1 foo.example.com. key667=\"hello\""},
    {"SVCB", "1 foo.example.com. key667=\"hello\\210qoo\"",
     "0001 03666f6f 076578616d706c65 03636f6d 00 029b 0009 68656c6c6fd2716f6f", ""},
    {"SVCB", "1 foo.example.com. ipv6hint=\"2001:db8::1,2001:db8::53:1\"",
     "0001 03666f6f 076578616d706c65 03636f6d 00 0006 0020 20010db8000000000000000000000001 "
     "20010db8000000000000000000530001",
     "1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1"},
    {"SVCB", "16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
     "0010 03666f6f 076578616d706c65 036f7267 00 0000 0004 0001 0004 0001 0009 026832 0568332d3139 0004 0004 c0000201",
     "16 foo.example.org. mandatory=alpn,ipv4hint alpn=\"h2,h3-19\" ipv4hint=192.0.2.1"},
    {"SVCB", "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"",
     "0010 03666f6f 076578616d706c65 036f7267 00 0001 000c 08665c6f6f2c626172 026832", ""},
    {"SVCB", "16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2",
     "0010 03666f6f 076578616d706c65 036f7267 00 0001 000c 08665c6f6f2c626172 026832",
     "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\""},
    {"HTTPS",
     "1 . alpn=\"h2\" no-default-alpn ech=AQID dohpath=\"/dns-query{?dns}\" ohttp tls-supported-groups=29,23 key65280",
     "0001 00 0001 0003 026832 0002 0000 0005 0003 010203 0007 0010 2f646e732d71756572797b3f646e737d 0008 0000 0009 "
     "0004 001d0017 ff00 0000",
     ""},
    // keyNNN of a parameter with a name: the octets of the value (RFC 9460 2.1).
    {"SVCB", "1 . key1=\"\\002h2\"", "0001 00 0001 0003 026832", "1 . alpn=\"h2\""},
    {"SVCB", "1 . key3=\\001\\187", "0001 00 0003 0002 01bb", "1 . port=443"},
    {"SVCB", "1 . key1=\\002h2 key2", "0001 00 0001 0003 026832 0002 0000", "1 . alpn=\"h2\" no-default-alpn"},
    {"SVCB", "1 . key0=\\000\\003 port=443", "0001 00 0000 0002 0003 0003 0002 01bb", "1 . mandatory=port port=443"},
    {"HTTPS", "1 . dohpath=/q{&x,dns*}", "0001 00 0007 000b 2f717b26782c646e732a7d", "1 . dohpath=\"/q{&x,dns*}\""},
    {"HTTPS", "1 . dohpath=/%2f{dns:9}", "0001 00 0007 000b 2f2532667b646e733a397d", "1 . dohpath=\"/%2f{dns:9}\""},
    {"DSYNC", "CDS NOTIFY 5300 scanner.example.", "003b 01 14b4 077363616e6e6572 076578616d706c6500", ""},
    {"DSYNC", "CSYNC 128 443 .", "003e 80 01bb 00", ""},
    {"HHIT", "AQID", "010203", ""},
    {"BRID", "AQID", "010203", ""},
    {"SPF", "\"v=spf1\"", "06763d73706631", ""},
    {"UINFO", "\"a b\"", "03612062", ""},
    {"UID", "4294967295", "ffffffff", ""},
    {"GID", "100", "00000064", ""},
    {"UNSPEC", "\\# 1 00", "00", ""},
    {"NID", "10 0014:4fff:ff20:ee64", "000a 00144fffff20ee64", ""},
    {"NID", "10 14:4fff:ff20:ee64", "000a 00144fffff20ee64", "10 0014:4fff:ff20:ee64"},
    {"NID", "10 0:0:0:1", "000a 0000000000000001", "10 0000:0000:0000:0001"},
    {"L64", "10 2001:db8:1140:1000", "000a 20010db811401000", "10 2001:0db8:1140:1000"},
    {"L32", "10 10.1.2.0", "000a 0a010200", ""},
    {"L64", "10 2001:0DB8:1140:1000", "000a 20010db811401000", "10 2001:0db8:1140:1000"},
    {"LP", "10 l64-subnet1.example.", "000a 0b6c36342d7375626e657431 076578616d706c6500", ""},
    {"EUI48", "00-00-5e-00-53-2a", "00005e00532a", ""},
    {"EUI64", "00-00-5E-EF-10-00-00-2A", "00005eef1000002a", "00-00-5e-ef-10-00-00-2a"},
    {"URI", "10 1 \"ftp://ftp1.example.com/public\"",
     "000a 0001 6674703a2f2f667470312e6578616d706c652e636f6d2f7075626c6963", ""},
    {"CAA", "0 issue \"ca1.example.net\"", "00 05 6973737565 6361312e6578616d706c652e6e6574", ""},
    {"CAA", "128 tbs Unknown", "80 03 746273 556e6b6e6f776e", "128 tbs \"Unknown\""},
    {"CAA", "0 issue \"\"", "00 05 6973737565", ""},
    {"AVC", "\"app-name:WOLFGANG\"", "116170702d6e616d653a574f4c4647414e47", ""},
    {"DOA",
     "0 1 2 \"\" aHR0cHM6Ly93d3cuaXNjLm9yZy8=", "00000000 00000001 02 00 68747470733a2f2f7777772e6973632e6f72672f", ""},
    {"DOA", "1 2 3 \"text/plain\" -", "00000001 00000002 03 0a746578742f706c61696e", ""},
    {"AMTRELAY", "10 0 0 .", "0a 00", ""},
    {"AMTRELAY", "10 1 1 203.0.113.15", "0a 81 cb00710f", ""},
    {"AMTRELAY", "10 0 2 2001:db8::15", "0a 02 20010db8000000000000000000000015", ""},
    {"AMTRELAY", "128 1 3 amtrelays.example.com.", "80 83 09616d7472656c617973 076578616d706c65 03636f6d 00", ""},
    {"RESINFO", "qnamemin exterr=15-17", "08716e616d656d696e 0c6578746572723d31352d3137",
     "\"qnamemin\" \"exterr=15-17\""},
    {"WALLET", "\"BTC\" \"abc\"", "03425443 03616263", ""},
    {"CLA", "\"TCP-v4\"", "065443502d7634", ""},
    {"IPN", "18446744073709551615", "ffffffffffffffff", ""},
    {"TA", "1 8 200 AB", "0001 08 c8 ab", ""},
    {"DLV", "1 8 200 AB", "0001 08 c8 ab", ""},
    {"TYPE731", "\\# 6 abcd ef 01 23 45", "abcdef012345", "\\# 6 ABCDEF012345"},
    {"TYPE62347", "\\# 0", "", ""},
    {"A", "\\# 4 0a000001", "0a000001", "10.0.0.1"},
    {"TYPE1", "\\# 4 0a000001", "0a000001", "10.0.0.1"},
    {"MX", "\\# 3 000a00", "000a00", "10 ."},
};

std::string without_blanks(std::string_view hex) { return test::hex_of(test::octets_of(hex)); }

}  // namespace

TEST_CASE("rdata text: parses and prints each type") {
  for (const Row& row : kRows) {
    CAPTURE(row.type);
    CAPTURE(row.text);
    const std::string wire = without_blanks(row.wire);
    CHECK(test::rdata_hex(row.type, row.text) == wire);
    const dns::Type type = test::type_of(row.type);
    const std::vector<std::uint8_t> octets = test::octets_of(row.wire);
    const std::string printed = test::rdata_text(type, octets);
    CHECK(printed == (row.printed.empty() ? row.text : row.printed));
    CHECK(test::rdata_hex(row.type, printed) == wire);
  }
}

TEST_CASE("rdata text: parses each type in the generic form of RFC 3597") {
  for (const Row& row : kRows) {
    CAPTURE(row.type);
    CAPTURE(row.text);
    const std::string wire = without_blanks(row.wire);
    CHECK(test::rdata_hex(row.type, "\\# " + std::to_string(wire.size() / 2) + " " + wire) == wire);
    CHECK(dns::check_rdata(test::type_of(row.type), test::octets_of(row.wire)).has_value());
  }
}

TEST_CASE("rdata text: these rows cover every type that a zone may contain") {
  for (const dns::TypeRow& type : dns::table::kRows) {
    if (type.rules.meta) continue;
    CAPTURE(type.name);
    bool found = false;
    for (const Row& row : kRows) found |= row.type == type.name;
    CHECK(found);
  }
}

TEST_CASE("append_rdata: prints RDATA without a valid text form in generic form") {
  struct GenericRow {
    std::string_view type, octets, text;
  };
  static constexpr GenericRow rows[] = {
      {"A", "0a0000", "\\# 3 0A0000"},
      {"LOC", "00021613 80000000 80000000 00989680", "\\# 16 00021613800000008000000000989680"},
      {"APL", "0003 18 01 0a", "\\# 5 000318010A"},
      {"AMTRELAY", "0a 04 aabb", "\\# 4 0A04AABB"},
      {"WKS", "0a000001 06 0400", "\\# 7 0A000001060400"},
      {"TYPE731", "", "\\# 0"},
  };
  for (const GenericRow& row : rows)
    CHECK(test::rdata_text(test::type_of(row.type), test::octets_of(row.octets)) == row.text);
}
