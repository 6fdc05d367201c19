#include <random>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/ldns.h"
#include "tests/support/rdata.h"
#include "zone/field/text.h"

namespace {

// The test replaces each `<kind>` in a pattern by a random value of that kind.
struct Row {
  std::string_view type, pattern;
};

// Types and syntaxes that ldns 1.8 parses correctly. Other tests check the other types against fixed octets.
constexpr Row kRows[] = {
    {"A", "<ip4>"},
    {"AAAA", "<ip6>"},
    {"NS", "<name>"},
    {"CNAME", "<name>"},
    {"DNAME", "<name>"},
    {"PTR", "<name>"},
    {"SOA", "<name> <name> <u32> <time> <time> <time> <time>"},
    {"MX", "<u16> <name>"},
    {"AFSDB", "<u16> <name>"},
    {"RT", "<u16> <name>"},
    {"KX", "<u16> <name>"},
    {"PX", "<u16> <name> <name>"},
    {"RP", "<name> <name>"},
    {"TXT", "\"<word>\" \"<word> <word>\" <word>"},
    {"SPF", "\"v=spf1 <word>\""},
    {"HINFO", "\"<word>\" \"<word>\""},
    {"SRV", "<u16> <u16> <u16> <name>"},
    {"NAPTR", "<u16> <u16> \"<word>\" \"<word>\" \"<word>\" <name>"},
    {"DS", "<u16> 8 2 <hex32>"},
    {"CDS", "<u16> 13 4 <hex48>"},
    {"DLV", "<u16> 8 1 <hex20>"},
    {"DNSKEY", "257 3 8 <b64>"},
    {"CDNSKEY", "256 3 13 <b64>"},
    {"TLSA", "3 1 1 <hex32>"},
    {"SMIMEA", "3 0 1 <hex32>"},
    {"SSHFP", "4 2 <hex32>"},
    {"CAA", "128 issue \"<word>\""},
    {"URI", "<u16> <u16> \"https://<word>/\""},
    {"RRSIG", "A 8 3 <u32> 20300101000000 20260101000000 <u16> <name> <b64>"},
    {"NSEC", "<name> A MX RRSIG NSEC TYPE1234"},
    {"NSEC3", "1 0 10 <hex4> <b32> A RRSIG"},
    {"NSEC3PARAM", "1 0 <u16> <hex8>"},
    {"OPENPGPKEY", "<b64>"},
    {"DHCID", "<b64>"},
    {"LOC", "51 30 12.748 N 0 7 39.611 W 0.00m 10m 20m 30m"},
    {"EUI48", "<eui48>"},
    {"CERT", "PGP <u16> 8 <b64>"},
    {"CSYNC", "<u32> 3 A NS AAAA"},
    {"ZONEMD", "<u32> 1 1 <hex48>"},
};

class Values {
 public:
  explicit Values(unsigned seed) : random_(seed) {}

  std::string fill(std::string_view pattern) {
    std::string out;
    while (!pattern.empty()) {
      const std::size_t open = pattern.find('<');
      out += pattern.substr(0, open);
      if (open == std::string_view::npos) break;
      const std::size_t close = pattern.find('>', open);
      out += value(pattern.substr(open + 1, close - open - 1));
      pattern.remove_prefix(close + 1);
    }
    return out;
  }

 private:
  std::string value(std::string_view kind) {
    if (kind == "u16") return std::to_string(random_() % 65536);
    if (kind == "u32") return std::to_string(random_());
    if (kind == "time") return std::to_string(random_() % 2147483648U);
    if (kind == "name") return name();
    if (kind == "word") return some("abcdefgh0123456789-=+/", 1 + random_() % 40);
    if (kind == "b64") return some("ABCDEFGHabcdefgh0123456789+/", 4 * (1 + random_() % 30));
    if (kind == "b32") return some("0123456789abcdefghijklmnopqrstuv", 32);
    if (kind == "ip4") return join(4, 10, ".", 256);
    if (kind == "ip6") return random_() % 4 == 0 ? "2001:db8::" + some("123456789abcdef", 4) : join(8, 16, ":", 65536);
    if (kind == "eui48") return some("0123456789abcdef", 2) + "-00-5e-00-53-" + some("0123456789abcdef", 2);
    REQUIRE(kind.starts_with("hex"));
    return some("0123456789abcdef", 2 * std::stoul(std::string(kind.substr(3))));
  }

  std::string name() {
    std::string out;
    for (unsigned labels = 1 + random_() % 4; labels > 0; --labels)
      out += some("abcxyz0189-_", 1 + random_() % 20) + '.';
    if (random_() % 3 == 0) out.pop_back();  // relative to the origin
    return out;
  }

  std::string some(std::string_view of, std::size_t count) {
    std::string out;
    while (count-- > 0) out += of[random_() % of.size()];
    return out;
  }

  std::string join(int count, int base, std::string_view by, unsigned below) {
    std::string out;
    for (int i = 0; i < count; ++i) {
      const unsigned number = static_cast<unsigned>(random_() % below);
      if (i > 0) out += by;
      out += base == 10
                 ? std::to_string(number)
                 : test::hex_of(std::array{static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)});
    }
    return out;
  }

  std::mt19937 random_;
};

constexpr int kRounds = 100;

}  // namespace

TEST_CASE("rr: parses RDATA to the same octets as ldns, and ldns parses the printed text") {
  Values values(20261122);
  for (const Row& row : kRows) {
    for (int round = 0; round < kRounds; ++round) {
      const std::string text = values.fill(row.pattern);
      CAPTURE(row.type);
      CAPTURE(text);
      const dns::Type type = test::type_of(row.type);
      const auto ours = test::read_rdata(type, text);
      const auto theirs = test::ldns_rdata(row.type, text);
      REQUIRE(ours.has_value());
      REQUIRE(theirs.has_value());
      REQUIRE(test::hex_of(*ours) == test::hex_of(*theirs));
      const std::string printed = test::rdata_text(type, *ours);
      CAPTURE(printed);
      const auto again = test::ldns_rdata(row.type, printed);
      REQUIRE(again.has_value());
      REQUIRE(test::hex_of(*again) == test::hex_of(*ours));
    }
  }
}
