#include "tests/support/all_kinds.h"

#include <string>

#include "tests/support/zone_from_text.h"

namespace dns::test {
namespace {

constexpr std::string_view kExample = R"($TTL 300
@       SOA   ns hostmaster 1 7200 3600 1209600 200
@       NS    ns
@       NS    ns.sub
@       MX    10 mail
@       NSEC  alias NS SOA MX RRSIG NSEC
@       RRSIG SOA 8 1 300 20400509183619 20040409183619 38519 example. AAAA
ns      A     192.0.2.1
ns      AAAA  2001:db8::1
mail    A     192.0.2.2
alias   CNAME mail
alias   NSEC  d CNAME RRSIG NSEC
ring1   CNAME ring2
ring2   CNAME ring1
out     CNAME www.elsewhere.
across  CNAME www.test.
d       DNAME t
t       A     192.0.2.3
x.t     A     192.0.2.4
y.t     DNAME d
grow    DNAME grow.grow
long    DNAME )"
                                      R"(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.)"
                                      R"(bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.)"
                                      R"(ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
*.w     A     192.0.2.5
*.w     MX    5 mail
*.wc    CNAME x.wc
*.wd    DNAME t
e.n.t   A     192.0.2.6
sub     NS    ns.sub
sub     NS    ns.sib
sub     DS    1 8 2 00000000000000000000000000000000000000000000000000000000000000ff
ns.sub  A     192.0.2.7
sib     NS    ns.sib
ns.sib  AAAA  2001:db8::7
_s._tcp SRV   0 0 80 mail
svc     HTTPS 1 . alpn=h2
svc     A     192.0.2.8
odd     TYPE731 \# 3 abcdef
)";

constexpr std::string_view kTest = "$TTL 300\n@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 192.0.2.9\nwww CNAME x.d.example.\n";
constexpr std::string_view kChild = "$TTL 300\n@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 192.0.2.7\nwww A 192.0.2.10\n";

// RRsets and glue that exceed 512 and 1232 octets.
std::string big() {
  std::string text = "$TTL 300\n@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 192.0.2.9\nalias CNAME text\n";
  for (char c = 'a'; c <= 'z'; ++c) {
    const std::string letter(1, c);
    text += "cut NS ns" + letter + "." + std::string(30, c) + ".cut\n";
    text += "ns" + letter + "." + std::string(30, c) + ".cut A 192.0.2.1\n";
    text += "ns" + letter + "." + std::string(30, c) + ".cut AAAA 2001:db8::1\n";
    text += "text TXT " + std::string(200, c) + "\n";
    text += "mail MX 1 ns" + letter + "." + std::string(30, c) + ".cut\n";
  }
  return text;
}

constexpr std::string_view kNames[] = {
    ".",
    "com.",
    "example.",
    "ns.example.",
    "alias.example.",
    "ring1.example.",
    "out.example.",
    "across.example.",
    "d.example.",
    "x.d.example.",
    "q.y.d.example.",
    "n.t.example.",
    "a.grow.example.",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.long.example.",
    "x.w.example.",
    "w.example.",
    "*.w.example.",
    "x.wc.example.",
    "x.wd.example.",
    "y.x.wd.example.",
    "sub.example.",
    "www.sub.example.",
    "ns.sub.example.",
    "sib.example.",
    "no.example.",
    "_s._tcp.example.",
    "svc.example.",
    "odd.example.",
    "www.test.",
    "x.cut.big.",
    "text.big.",
    "alias.big.",
    "mail.big.",
    "www.sib.example.",
    "broken.",
    "version.bind.",
    "hostname.bind.",
    "id.server.",
};

}  // namespace

std::shared_ptr<const Snapshot> all_kinds() {
  return Snapshot::of({zone_of("example.", kExample), zone_of("test.", kTest), zone_of("sib.example.", kChild),
                       zone_of("big.", big()), zone_of("broken.", "")});
}

std::span<const std::string_view> names_of_all_kinds() { return kNames; }

}  // namespace dns::test
