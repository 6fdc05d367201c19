// Writes a delegation-only zone such as a registry's. The same arguments give the same bytes.
//
//   delegation_zone COUNT > tld.zone      writes zone "tld." and, on stderr, its number of records
//
// 30 % of the delegations have two in-domain servers with IPv4 glue; a third of these also have IPv6 glue for the first
// server. The others share the server pairs of 20,000 hosters outside the zone. 5 % have a DS. A million delegations
// make 2.75 million records.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr std::uint64_t kHosters = 20000;

// SplitMix64's finalizer: distributes an index over 64 bits.
std::uint64_t spread(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

// A label of 6 to 20 letters. The index at its end makes it unique.
std::string label(std::uint64_t index) {
  static const char* const kParts[] = {"north", "river", "stone", "cloud", "paper", "green", "iron",
                                       "lake",  "salt",  "wind",  "moor",  "fern",  "oak",   "elm"};
  std::uint64_t bits = spread(index * 7 + 3);
  std::string text = kParts[bits % 14];
  if (bits / 14 % 2 == 0) text += kParts[bits / 28 % 14];
  text += '-';
  for (std::uint64_t rest = index; rest > 0 || text.back() == '-'; rest /= 26)
    text += static_cast<char>('a' + rest % 26);
  return text;
}

std::string address(std::uint64_t bits) {
  char text[32];
  std::snprintf(text, sizeof text, "10.%u.%u.%u", static_cast<unsigned>(bits & 255),
                static_cast<unsigned>(bits >> 8 & 255), static_cast<unsigned>(bits >> 16 & 255));
  return text;
}

// Writes delegation `index`. Returns its number of records.
unsigned delegation(std::uint64_t index) {
  const std::string name = label(index);
  const std::uint64_t bits = spread(index ^ 0x5eed);
  unsigned records = 2;
  if (bits % 10 < 3) {
    for (int server = 1; server <= 2; ++server)
      std::printf("%s.tld. IN NS ns%d.%s.tld.\n", name.c_str(), server, name.c_str());
    for (unsigned server = 1; server <= 2; ++server)
      std::printf("ns%u.%s.tld. IN A %s\n", server, name.c_str(), address(spread(bits + server)).c_str());
    records += 2;
    if (bits / 10 % 3 == 0) {
      std::printf("ns1.%s.tld. IN AAAA 2001:db8:%x::53\n", name.c_str(), static_cast<unsigned>(bits >> 20 & 0xffff));
      ++records;
    }
  } else {
    const auto hoster = static_cast<unsigned>(bits / 10 % kHosters);
    for (int server = 1; server <= 2; ++server)
      std::printf("%s.tld. IN NS ns%d.hoster%u.net.\n", name.c_str(), server, hoster);
  }
  if (bits / 1000003 % 20 == 0) {
    std::printf("%s.tld. IN DS %u 13 2 ", name.c_str(), static_cast<unsigned>(bits % 65536));
    for (std::uint64_t part = 1; part <= 4; ++part)
      std::printf("%016llX", static_cast<unsigned long long>(spread(bits + part)));
    std::printf("\n");
    ++records;
  }
  return records;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: delegation_zone COUNT > tld.zone\n");
    return 2;
  }
  std::printf(
      "$ORIGIN tld.\n$TTL 86400\n"
      "tld. IN SOA a.nic.tld. hostmaster.nic.tld. 1 1800 900 604800 3600\n"
      "tld. IN NS a.nic.tld.\ntld. IN NS b.nic.tld.\na.nic.tld. IN A 192.0.2.1\nb.nic.tld. IN A 192.0.2.2\n");
  std::uint64_t records = 5;
  for (std::uint64_t index = 0, count = std::strtoull(argv[1], nullptr, 10); index < count; ++index)
    records += delegation(index);
  std::fprintf(stderr, "%llu\n", static_cast<unsigned long long>(records));
  return 0;
}
