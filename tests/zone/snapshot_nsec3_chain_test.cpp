#include <algorithm>
#include <map>

#include <doctest/doctest.h>

#include "tests/support/zone_from_text.h"
#include "zone/field/field.h"
#include "zone/name/text.h"
#include "zone/snapshot/change.h"
#include "zone/snapshot/nsec3_chain.h"

namespace dns {
namespace {

using test::name_of;
using test::zone_of;

std::string base32hex(const Nsec3Hash& hash) {
  std::string text;
  append_base32hex(text, hash);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

// A zone with an NSEC3 record for each hash. These tests do not use the next hashed owner.
std::shared_ptr<const Zone> chained(const std::string& parameters, const std::vector<std::string>& hashes) {
  std::string text =
      "@ 300 SOA ns1 h 1 7200 900 2419200 60\n@ 300 NS ns1\n@ 300 NSEC3PARAM " + parameters + "\nns1 300 A 192.0.2.1\n";
  for (const std::string& hash : hashes)
    text += hash + " 300 NSEC3 " + parameters + " 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A\n";
  return zone_of("example.", text);
}

constexpr const char* kApexHash = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom";

}  // namespace

TEST_CASE("NSEC3 chain: hashes the names of RFC 5155 appendix A") {
  const auto zone = chained("1 0 12 aabbccdd", {kApexHash});
  REQUIRE(zone->nsec3_chain() != nullptr);
  const std::pair<const char*, const char*> rows[] = {
      {"example.", kApexHash},
      {"a.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl"},
      {"ai.example.", "gjeqe526plbf1g8mklp59enfd789njgi"},
      {"ns1.example.", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"},
      {"NS2.Example.", "q04jkcevqvmu85r014c7dkba38o0ji5r"},
      {"w.example.", "k8udemvp1j2f7eg6jebps17vp3n8i58h"},
      {"*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"},
      {"x.w.example.", "b4um86eghhds6nea196smvmlo4ors995"},
      {"y.w.example.", "ji6neoaepv8b5o6k4ev33abha8ht9fgc"},
      {"x.y.w.example.", "2vptu5timamqttgl4luu9kg21e0aor3s"},
      {"xx.example.", "t644ebqk9bibcna874givr6joj62mlhv"},
  };
  for (const auto& [name, hash] : rows) CHECK(base32hex(zone->nsec3_chain()->hash(name_of(name))) == hash);
}

TEST_CASE("NSEC3 chain: find returns the record that matches or covers a hash") {
  std::vector<std::string> hashes = {kApexHash};
  std::map<Nsec3Hash, std::string> owners;
  for (int i = 0; i < 300; ++i) hashes.push_back(base32hex(sha1(as_bytes(std::to_string(i)), {})));
  const auto zone = chained("1 0 12 aabbccdd", hashes);
  REQUIRE(zone->nsec3_chain() != nullptr);
  const Nsec3Chain& chain = *zone->nsec3_chain();
  CHECK(chain.size() == hashes.size());
  owners[chain.hash(name_of("example."))] = kApexHash;
  for (int i = 0; i < 300; ++i) owners[sha1(as_bytes(std::to_string(i)), {})] = hashes[static_cast<std::size_t>(i) + 1];
  const auto check = [&](const Nsec3Hash& hash) {
    const Nsec3Chain::Found found = chain.find(*zone->storage(), hash);
    const auto after = owners.upper_bound(hash);
    const auto& [record_hash, owner] = after == owners.begin() ? *owners.rbegin() : *std::prev(after);
    CHECK(to_text(found.node.owner()) == owner + ".example.");
    CHECK(found.matches == (record_hash == hash));
  };
  for (const auto& [hash, owner] : owners) {
    check(hash);
    Nsec3Hash beside = hash;
    beside.back() ^= 1;  // same first octets
    check(beside);
  }
  for (int i = 0; i < 300; ++i) check(sha1(as_bytes(std::to_string(i)), as_bytes("other")));
  check(Nsec3Hash{});
}

TEST_CASE("NSEC3 chain: a zone without a usable chain has none, and invalid owners are ignored") {
  CHECK(chained("1 0 12 aabbccdd", {})->nsec3_chain() == nullptr);
  CHECK(chained("1 0 12 aabbccdd", {"35mthgpgcu1qg68fab165klnsnk3dpvl"})->nsec3_chain() ==
        nullptr);                                                             // no record for the apex
  CHECK(chained("1 1 12 aabbccdd", {kApexHash})->nsec3_chain() == nullptr);   // flags
  CHECK(chained("2 0 12 aabbccdd", {kApexHash})->nsec3_chain() == nullptr);   // algorithm
  CHECK(chained("1 0 151 aabbccdd", {kApexHash})->nsec3_chain() == nullptr);  // iterations
  CHECK(chained("1 0 12 aabbccdd",
                {"a.b", "toolong" + std::string(kApexHash), "w" + std::string(kApexHash).substr(1), kApexHash})
            ->nsec3_chain()
            ->size() == 1);
}

TEST_CASE("NSEC3 chain: only changes to NSEC3 records replace the chain") {
  const auto zone = chained("1 0 12 aabbccdd", {kApexHash, "35mthgpgcu1qg68fab165klnsnk3dpvl"});
  const auto after = [&](const std::string& line) {
    const auto other = zone_of("example.", "@ 300 SOA ns1 h 1 7200 900 2419200 60\n@ 300 NS ns1\n" + line);
    Change change{.apex = Name(zone->apex()), .sets = {}};
    for (const RrsetChange& set : diff(*zone, *other).sets)
      if (set.owner == name_of(line.substr(0, line.find(' ')) + ".example.")) change.sets.push_back(set);
    const auto next = dns::apply(zone, change);
    REQUIRE(next.has_value());
    return *next;
  };
  CHECK(after("new 300 A 192.0.2.9\n")->nsec3_chain() == zone->nsec3_chain());
  const auto less = after("35mthgpgcu1qg68fab165klnsnk3dpvl 300 TXT x\n");
  REQUIRE(less->nsec3_chain() != nullptr);
  CHECK(less->nsec3_chain()->size() == 1);
}

}  // namespace dns
