// Compares Zone::find and Zone::predecessor with a slow linear search over a list of names.
#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "tests/support/random_names.h"
#include "zone/build/builder.h"
#include "zone/name/text.h"
#include "zone/snapshot/zone.h"

namespace dns {
namespace {

struct Owned {
  Name owner;
  bool cut, dname;
};

std::string text(const std::optional<NodeView>& node) { return node ? to_text(node->owner()) : "-"; }

// The result of `find` as text.
std::string describe(const Lookup& lookup) {
  const char* const match = lookup.match == Match::kExact              ? "exact"
                            : lookup.match == Match::kEmptyNonTerminal ? "empty"
                                                                       : "none";
  return std::string(match) + " node " + text(lookup.node) + " covering " + text(lookup.cut_or_dname) + "/" +
         std::to_string(lookup.cut_or_dname_labels) + " encloser " + std::to_string(lookup.encloser_labels) +
         " wildcard " + (lookup.wildcard_exists && !lookup.wildcard ? "empty" : text(lookup.wildcard));
}

const Owned* owned_at(const std::vector<Owned>& all, NameView name) {
  const auto it = std::ranges::find_if(all, [&](const Owned& owned) { return owned.owner.view() == name; });
  return it == all.end() ? nullptr : &*it;
}

bool exists(const std::vector<Owned>& all, NameView name) {
  return std::ranges::any_of(all, [&](const Owned& owned) { return owned.owner.view().is_within(name); });
}

std::string expected(const std::vector<Owned>& all, NameView apex, NameView name) {
  const auto text_of = [](const Owned* owned) { return owned == nullptr ? std::string("-") : to_text(owned->owner); };
  const Owned* const node = owned_at(all, name);
  const Owned* cut_or_dname = nullptr;
  std::size_t cut_or_dname_labels = 0;
  for (std::size_t drop = 0; drop + apex.labels() <= name.labels(); ++drop) {
    const Owned* const above = owned_at(all, name.drop(drop));
    if (above == nullptr || (!above->dname && !(above->cut && drop + apex.labels() != name.labels()))) continue;
    cut_or_dname = above;
    cut_or_dname_labels = name.labels() - drop;
  }
  std::size_t drop = 0;
  while (!exists(all, name.drop(drop)) && name.labels() - drop > apex.labels()) ++drop;
  const NameView encloser = name.drop(drop);
  const Owned* wildcard = nullptr;
  const std::uint8_t asterisk[] = {1, '*'};
  if (drop > 0 && cut_or_dname == nullptr) wildcard = owned_at(all, *join(asterisk, encloser));
  const bool empty_wildcard =
      drop > 0 && cut_or_dname == nullptr && wildcard == nullptr && exists(all, *join(asterisk, encloser));
  const char* const match = node != nullptr ? "exact" : drop == 0 ? "empty" : "none";
  return std::string(match) + " node " + text_of(node) + " covering " + text_of(cut_or_dname) + "/" +
         std::to_string(cut_or_dname_labels) + " encloser " + std::to_string(encloser.labels()) + " wildcard " +
         (empty_wildcard ? "empty" : text_of(wildcard));
}

std::string expected_before(const std::vector<Owned>& all, NameView name) {
  const Owned* before = nullptr;
  const Owned* last = nullptr;
  for (const Owned& owned : all) {
    if (canonical_order(owned.owner, name) < 0 &&
        (before == nullptr || canonical_order(before->owner, owned.owner) < 0))
      before = &owned;
    if (last == nullptr || canonical_order(last->owner, owned.owner) < 0) last = &owned;
  }
  return to_text((before != nullptr ? before : last)->owner);
}

struct TestZone {
  std::shared_ptr<const Zone> zone;
  std::vector<Owned> owned;
};

TestZone random_zone(test::Random& random, NameView apex, std::size_t names) {
  TestZone made;
  ZoneBuilder builder(apex);
  std::set<Name, CanonicalLess> seen;
  for (std::size_t i = 0; i < names; ++i) {
    const Name owner = i == 0 && test::below(random, 8) != 0 ? Name(apex) : test::random_name(random, 4, apex);
    if (!seen.insert(owner).second) continue;
    const bool ns = test::below(random, 5) == 0, dname = test::below(random, 9) == 0;
    const std::uint8_t rdata[] = {0};
    if (ns) builder.add(owner, Type::NS, 60, rdata);
    if (dname) builder.add(owner, Type::DNAME, 60, rdata);
    if (!ns && !dname) builder.add(owner, Type::TXT, 60, rdata);
    made.owned.push_back({owner, ns && owner.size() != apex.size(), dname});
  }
  made.zone = builder.finish().zone;
  return made;
}

}  // namespace

TEST_CASE("zone: find and predecessor equal a linear search") {
  test::Random random(20261123);
  for (int round = 0; round < 1500; ++round) {
    const Name apex = test::random_name(random, 2);
    const TestZone made = random_zone(random, apex, 1 + test::below(random, 30));
    for (int question = 0; question < 25; ++question) {
      const bool known = test::below(random, 4) == 0;
      const Name name =
          known ? made.owned[test::below(random, made.owned.size())].owner : test::random_name(random, 5, apex);
      CAPTURE(to_text(name));
      const Key key(name);
      REQUIRE(describe(made.zone->find(key)) == expected(made.owned, apex, name));
      REQUIRE(text(made.zone->predecessor(key)) == expected_before(made.owned, name));
      REQUIRE(made.zone->find_exact(key).has_value() == (owned_at(made.owned, name) != nullptr));
    }
  }
}

TEST_CASE("zone: find_all equals find") {
  test::Random random(5);
  std::vector<TestZone> made;
  for (int i = 0; i < 5; ++i)
    made.push_back(random_zone(random, test::random_name(random, 1), static_cast<std::size_t>(1) << (2 * i)));
  std::vector<Key> keys(200);
  std::vector<LookupRequest> seeks(keys.size());
  std::vector<Lookup> lookups(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Zone& zone = *made[test::below(random, made.size())].zone;
    keys[i].assign(test::random_name(random, 4, zone.apex()));
    seeks[i] = {&zone, &keys[i], &lookups[i]};
  }
  seeks[17].zone = nullptr;
  find_all(seeks);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (seeks[i].zone != nullptr) REQUIRE(describe(lookups[i]) == describe(seeks[i].zone->find(keys[i])));
  }
}

TEST_CASE("zone: for_each_within visits the names at and below a name in canonical order") {
  test::Random random(6);
  for (int round = 0; round < 200; ++round) {
    const Name apex = test::random_name(random, 1);
    const TestZone made = random_zone(random, apex, 60);
    const Name top = test::random_name(random, 2, apex);
    std::set<Name, CanonicalLess> expected_names;
    for (const Owned& owned : made.owned)
      if (owned.owner.view().is_within(top)) expected_names.insert(owned.owner);
    auto expected_next = expected_names.begin();
    made.zone->for_each_within(Key(top), [&](const NodeView& node) {
      REQUIRE(expected_next != expected_names.end());
      REQUIRE(to_text(node.owner()) == to_text(*expected_next));
      ++expected_next;
      return true;
    });
    REQUIRE(expected_next == expected_names.end());
  }
}

TEST_CASE("zone: for_each_from visits a name and all names behind it in canonical order") {
  test::Random random(7);
  for (int round = 0; round < 200; ++round) {
    const Name apex = test::random_name(random, 1);
    const TestZone made = random_zone(random, apex, 60);
    const Name from = round % 4 == 0 ? apex : test::random_name(random, 3, apex);
    std::vector<std::string> expected, visited;
    made.zone->for_each([&](const NodeView& node) {
      if (canonical_order(node.owner(), from) >= 0) expected.push_back(to_text(node.owner()));
      return true;
    });
    CHECK(made.zone->for_each_from(Key(from), [&](const NodeView& node) {
      visited.push_back(to_text(node.owner()));
      return true;
    }));
    REQUIRE(visited == expected);
    std::size_t left = (expected.size() + 1) / 2;  // visits until it stops
    CHECK(made.zone->for_each_from(Key(from), [&](const NodeView&) { return --left > 0; }) == expected.empty());
    CHECK(left == 0);
  }
}

TEST_CASE("zone: lookups in a zone without records find nothing") {
  ZoneBuilder builder(*parse_name("example."));
  const auto zone = builder.finish().zone;
  const Key key(*parse_name("a.example."));
  CHECK(describe(zone->find(key)) == "none node - covering -/0 encloser 1 wildcard -");
  CHECK_FALSE(zone->predecessor(key).has_value());
  CHECK_FALSE(zone->apex_node().has_value());
  CHECK(zone->serial() == Serial{0});
}

}  // namespace dns
