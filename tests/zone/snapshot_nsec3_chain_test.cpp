#include <algorithm>
#include <map>

#include <doctest/doctest.h>

#include "tests/support/random_names.h"
#include "tests/support/repetitions.h"
#include "tests/support/zone_from_text.h"
#include "tests/support/zone_image.h"
#include "zone/build/builder.h"
#include "zone/field/field.h"
#include "zone/name/text.h"
#include "zone/snapshot/change.h"
#include "zone/snapshot/nsec3_chain.h"
#include "zone/snapshot/storage.h"

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

// The leaves of the chain, in order.
std::vector<Node> chain_leaves(const Zone& zone) {
  std::vector<Node> leaves;
  visit_leaves(zone.storage()->tree(), zone.trees().roots.second, [&](Node leaf) {
    leaves.push_back(leaf);
    return true;
  });
  return leaves;
}

std::size_t chain_size(const Zone& zone) { return chain_leaves(zone).size(); }

std::size_t cells_below(const TreeStore& tree, Node node) {
  if (!node.is_branch()) return 0;
  std::size_t cells = node.twigs();
  for (unsigned place = 0; place < node.twigs(); ++place) cells += cells_below(tree, tree.twig(node, place));
  return cells;
}

// The RRset of `owner` in a zone with that record.
Rrset sets_of(const std::string& owner, const std::string& record) {
  const auto zone =
      zone_of("example.", "@ 300 SOA ns1 h 1 7200 900 2419200 60\n@ 300 NS ns1\n" + owner + " 300 " + record + "\n");
  return Rrset(zone->find_exact(name_of(owner))->set(0));
}

// A zone with parts of several chains, in random order of its NSEC3PARAM records.
std::shared_ptr<const Zone> random_chains(test::Random& random, const std::vector<std::string>& parameters) {
  std::string text = "@ 300 SOA ns1 h 1 7200 900 2419200 60\n@ 300 NS ns1\n";
  for (const std::string& one : parameters) {
    if (test::below(random, 2) == 0) text += "@ 300 NSEC3PARAM " + one + "\n";
    const auto hashed =
        zone_of("example.", "@ 300 SOA ns1 h 1 7200 900 2419200 60\n@ 300 NS ns1\n@ 300 NSEC3PARAM " + one + "\n");
    const RrsetView param = *hashed->apex_node()->find(Type::NSEC3PARAM);
    for (std::size_t i = 0; i < 8; ++i) {
      if (test::below(random, i == 0 ? 8 : 2) == 0) continue;
      const Name name = name_of(i == 0 ? "example." : std::to_string(test::below(random, 12)) + ".example.");
      std::string owner = base32hex(Nsec3Parameters((*param.begin()).data()).hash(name));
      if (test::below(random, 12) == 0) owner = "x." + owner;
      if (test::below(random, 12) == 0) owner.back() = 'z';
      text += owner + " 300 NSEC3 " + one + " 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom " +
              (test::below(random, 2) == 0 ? "A" : "NS") + "\n";
      if (test::below(random, 3) == 0) text += owner + " 300 TXT x\n";
    }
  }
  for (std::size_t i = test::below(random, 20); i > 0; --i)
    text += "n" + std::to_string(test::below(random, 30)) + " 300 A 192.0.2." + std::to_string(i) + "\n";
  return zone_of("example.", text);
}

std::shared_ptr<const Zone> built_anew(const Zone& zone) {
  ZoneBuilder builder(zone.apex());
  zone.for_each([&](const NodeView& node) {
    for (std::size_t i = 0; i < node.set_count(); ++i)
      for (const Bytes rdata : node.set(i)) builder.add(node.owner(), node.set(i).type, node.set(i).ttl, rdata);
    return true;
  });
  return builder.finish().zone;
}

void expect_same_chain(const Zone& zone, const Zone& wanted) {
  REQUIRE(zone.has_nsec3() == wanted.has_nsec3());
  const std::vector<Node> leaves = chain_leaves(zone), others = chain_leaves(wanted);
  REQUIRE(leaves.size() == others.size());
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const NodeView node(*zone.storage(), leaves[i]);
    CHECK(node.owner() == NodeView(*wanted.storage(), others[i]).owner());
    CHECK(zone.find_exact(node.owner())->leaf() == node.leaf());  // the leaf of both trees
  }
  if (!zone.has_nsec3()) return;
  CHECK(zone.trees().nsec3 == wanted.trees().nsec3);
  for (int i = 0; i < 20; ++i) {
    const Nsec3Hash hash = sha1(as_bytes(std::to_string(i)), {});
    const auto found = zone.nsec3_chain()->find(hash), other = wanted.nsec3_chain()->find(hash);
    CHECK(found.matches == other.matches);
    CHECK(found.node.owner() == other.node.owner());
  }
}

}  // namespace

TEST_CASE("NSEC3 chain: hashes the names of RFC 5155 appendix A") {
  const auto zone = chained("1 0 12 aabbccdd", {kApexHash});
  REQUIRE(zone->has_nsec3());
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
  REQUIRE(zone->has_nsec3());
  const Nsec3ChainView chain = *zone->nsec3_chain();
  CHECK(chain_size(*zone) == hashes.size());
  owners[chain.hash(name_of("example."))] = kApexHash;
  for (int i = 0; i < 300; ++i) owners[sha1(as_bytes(std::to_string(i)), {})] = hashes[static_cast<std::size_t>(i) + 1];
  const auto check = [&](const Nsec3Hash& hash) {
    const Nsec3ChainView::Found found = chain.find(hash);
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
  CHECK_FALSE(chained("1 0 12 aabbccdd", {})->has_nsec3());
  CHECK_FALSE(chained("1 0 12 aabbccdd", {"35mthgpgcu1qg68fab165klnsnk3dpvl"})->has_nsec3());  // no record for the apex
  CHECK_FALSE(chained("1 1 12 aabbccdd", {kApexHash})->has_nsec3());                           // flags
  CHECK_FALSE(chained("2 0 12 aabbccdd", {kApexHash})->has_nsec3());                           // algorithm
  CHECK_FALSE(chained("1 0 151 aabbccdd", {kApexHash})->has_nsec3());                          // iterations
  const auto zone =
      chained("1 0 12 aabbccdd", {"a.b", "toolong" + std::string(kApexHash), "w" + std::string(kApexHash).substr(1),
                                  "x." + std::string(kApexHash), kApexHash});
  CHECK(chain_size(*zone) == 1);
}

TEST_CASE("NSEC3 chain: a change of one record copies one path of each tree") {
  std::vector<std::string> hashes = {kApexHash};
  for (int i = 0; i < 20'000; ++i) hashes.push_back(base32hex(sha1(as_bytes(std::to_string(i)), {})));
  const auto zone = chained("1 0 12 aabbccdd", hashes);
  const TreeStore& tree = zone->storage()->tree();
  const auto cells = [&] { return static_cast<std::size_t>(tree.live_cells()); };
  const std::size_t before = cells();
  // A record takes less than 16 octets of the chain: one cell, and its share of the branches.
  CHECK(cells_below(tree, zone->trees().roots.second) * sizeof(Node) < hashes.size() * 16);
  const auto owner = hashes[777] + ".example.";
  const auto signature = sets_of(owner, "RRSIG NSEC3 13 2 300 20300101000000 20260101000000 1 @ AA==");
  const auto changed = [&](Rrset from, Rrset to, Type type, Type covered) {
    Change change{.apex = Name(zone->apex()), .sets = {}};
    change.sets.push_back({name_of(owner), type, covered, std::move(from), std::move(to)});
    const auto next = dns::apply(zone, change);
    REQUIRE(next.has_value());
    return *next;
  };
  const Rrset record(*zone->find_exact(name_of(owner))->find(Type::NSEC3));
  std::vector<std::shared_ptr<const Zone>> versions;
  for (int i = 0; i < 2; ++i) {
    versions.push_back(i == 0 ? changed({}, signature, Type::RRSIG, Type::NSEC3)
                              : changed(record, {}, Type::NSEC3, {}));
    CHECK(chain_size(*versions.back()) == hashes.size() - (i == 0 ? 0 : 1));
    versions.resize(0);
    CHECK(cells() == before);  // an abandoned version leaves nothing
  }
  const auto refreshed = changed({}, signature, Type::RRSIG, Type::NSEC3);
  CHECK(cells() - before < 2 * 5 * kSymbols);  // at most five levels, of at most 48 twigs each
  CHECK(refreshed->nsec3_chain()->find(refreshed->nsec3_chain()->hash(name_of("example."))).matches);
}

TEST_CASE("NSEC3 chain: equals that of a zone built anew after random changes") {
  test::Random random(5155);
  const std::vector<std::string> parameters = {"1 0 0 -",   "1 0 12 aabbccdd", "1 0 1 ab",
                                               "1 0 200 -", "2 0 0 -",         "1 1 0 -"};
  std::size_t chains = 0, walks = 0;
  const std::size_t rounds = test::repetitions(60);
  for (std::size_t round = 0; round < rounds; ++round) {
    CAPTURE(round);
    std::shared_ptr<const Zone> zone = random_chains(random, parameters);
    std::vector<std::shared_ptr<const Zone>> older;
    for (int step = 0; step < 12; ++step) {
      const auto wanted = random_chains(random, parameters);
      // A second successor of an old version, too.
      const auto from = !older.empty() && test::below(random, 3) == 0 ? older[test::below(random, older.size())] : zone;
      Change change = diff(*from, *wanted);
      if (test::below(random, 2) == 0)
        std::erase_if(change.sets, [&](const RrsetChange&) { return test::below(random, 2) == 0; });
      const auto next = dns::apply(from, change);
      REQUIRE(next.has_value());
      older.push_back(zone);
      if (test::below(random, 2) == 0) older.erase(older.begin());
      zone = *next;
      expect_same_chain(*zone, *built_anew(*zone));
      if (zone->has_nsec3()) expect_same_chain(*test::through_image(*zone), *zone);
      (zone->has_nsec3() ? chains : walks) += 1;
    }
    older.clear();
    const auto alone = built_anew(*zone);
    CHECK(cells_below(zone->storage()->tree(), zone->trees().roots.second) ==
          cells_below(alone->storage()->tree(), alone->trees().roots.second));
    CHECK(zone->storage()->tree().live_cells() == alone->storage()->tree().live_cells());
  }
  CHECK(chains > 2 * rounds);
  CHECK(walks > rounds / 2);
}

}  // namespace dns
