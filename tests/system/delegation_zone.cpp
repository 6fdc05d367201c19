// Writes a delegation-only zone such as a registry's. The same arguments give the same bytes.
//
//   delegation_zone COUNT > tld.zone             writes zone "tld." and, on stderr, its number of records
//   delegation_zone COUNT nsec|nsec3 > tld.zone  the same, signed: with NSEC, or with NSEC3 and opt-out. 60 % of the
//                                                delegations have a DS. The octets of the signatures mean nothing
//
// 30 % of the delegations have two in-domain servers with IPv4 glue; a third of these also have IPv6 glue for the first
// server. The others share the server pairs of 20,000 hosters outside the zone. 5 % have a DS. A million delegations
// make 2.75 million records.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "zone/name/text.h"
#include "zone/snapshot/nsec3_chain.h"

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

// Of so many delegations, these have a DS.
constexpr std::uint64_t kShares = 20;
constexpr unsigned kSecurePlain = 1, kSecureSigned = 12;

// A name with signed RRsets, or an insecure delegation.
struct Owner {
  std::string name, key;  // `key` sorts in canonical order
  std::vector<std::string> types;
  bool delegation = false;
};

// The NSEC or NSEC3 records and the signatures of a zone.
class Signer {
 public:
  void add(std::string name, std::string key, std::vector<std::string> types, bool delegation) {
    owners_.push_back({std::move(name), std::move(key), std::move(types), delegation});
  }

  // Each function returns the number of records.
  std::uint64_t write_nsec() {
    std::ranges::sort(owners_, {}, &Owner::key);
    for (std::size_t i = 0; i < owners_.size(); ++i) {
      write_signatures(owners_[i]);
      std::printf("%s IN NSEC %s", owners_[i].name.c_str(), owners_[(i + 1) % owners_.size()].name.c_str());
      write_types(owners_[i], " NSEC");
      write_signature(owners_[i].name, "NSEC");
    }
    return records_;
  }

  std::uint64_t write_nsec3() {
    owners_.front().types.push_back("NSEC3PARAM");
    std::printf("tld. IN NSEC3PARAM 1 0 0 -\n");
    ++records_;
    owners_.push_back({"nic.tld.", "", {}, false});  // an empty non-terminal
    const std::uint8_t parameters[] = {1, 0, 0, 0, 0};
    std::vector<std::pair<std::string, const Owner*>> hashed;
    for (const Owner& owner : owners_) {
      write_signatures(owner);
      if (owner.delegation && owner.types.size() == 1) continue;  // opted out
      const auto label = dns::nsec3_label(dns::Nsec3Parameters(parameters).hash(*dns::parse_name(owner.name)));
      hashed.emplace_back(std::string(label.begin(), label.end()), &owner);
    }
    std::ranges::sort(hashed);
    for (std::size_t i = 0; i < hashed.size(); ++i) {
      const std::string name = hashed[i].first + ".tld.";
      std::printf("%s IN NSEC3 1 1 0 - %s", name.c_str(), hashed[(i + 1) % hashed.size()].first.c_str());
      write_types(*hashed[i].second, "");
      write_signature(name, "NSEC3");
    }
    return records_;
  }

 private:
  void write_types(const Owner& owner, const char* more) {
    for (const std::string& type : owner.types) std::printf(" %s", type.c_str());
    std::printf("%s%s\n", more, owner.types.empty() ? "" : " RRSIG");
    ++records_;
  }
  void write_signatures(const Owner& owner) {
    for (const std::string& type : owner.types)
      if (!owner.delegation || type == "DS") write_signature(owner.name, type);
  }
  void write_signature(const std::string& name, const std::string& type) {
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::uint64_t i = 0; i < 84; ++i) text += kDigits[spread(records_ * 84 + i) % 64];
    std::printf("%s IN RRSIG %s 13 %d 86400 20360101000000 20260101000000 4711 tld. %sAA==\n", name.c_str(),
                type.c_str(), static_cast<int>(std::ranges::count(name, '.')), text.c_str());
    ++records_;
  }

  std::vector<Owner> owners_;
  std::uint64_t records_ = 0;
};

// Writes delegation `index`. Returns its number of records.
unsigned delegation(std::uint64_t index, unsigned secure, Signer& signer) {
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
  const bool is_secure = bits / 1000003 % kShares < secure;
  if (is_secure) {
    std::printf("%s.tld. IN DS %u 13 2 ", name.c_str(), static_cast<unsigned>(bits % 65536));
    for (std::uint64_t part = 1; part <= 4; ++part)
      std::printf("%016llX", static_cast<unsigned long long>(spread(bits + part)));
    std::printf("\n");
    ++records;
  }
  std::vector<std::string> types{"NS"};
  if (is_secure) types.push_back("DS");
  signer.add(name + ".tld.", name, std::move(types), true);
  return records;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view denial = argc == 3 ? argv[2] : "";
  if (argc != (denial == "nsec" || denial == "nsec3" ? 3 : 2)) {
    std::fprintf(stderr, "usage: delegation_zone COUNT [nsec|nsec3] > tld.zone\n");
    return 2;
  }
  std::printf(
      "$ORIGIN tld.\n$TTL 86400\n"
      "tld. IN SOA a.nic.tld. hostmaster.nic.tld. 1 1800 900 604800 3600\n"
      "tld. IN NS a.nic.tld.\ntld. IN NS b.nic.tld.\na.nic.tld. IN A 192.0.2.1\nb.nic.tld. IN A 192.0.2.2\n");
  Signer signer;
  signer.add("tld.", "", {"SOA", "NS"}, false);
  for (const char host : {'a', 'b'})
    signer.add(host + std::string(".nic.tld."), std::string("nic") + '\0' + host, {"A"}, false);
  std::uint64_t records = 5;
  for (std::uint64_t index = 0, count = std::strtoull(argv[1], nullptr, 10); index < count; ++index)
    records += delegation(index, denial.empty() ? kSecurePlain : kSecureSigned, signer);
  if (!denial.empty()) records += denial == "nsec" ? signer.write_nsec() : signer.write_nsec3();
  std::fprintf(stderr, "%llu\n", static_cast<unsigned long long>(records));
  return 0;
}
