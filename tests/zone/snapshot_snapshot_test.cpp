#include "zone/snapshot/snapshot.h"

#include <map>

#include <doctest/doctest.h>

#include "tests/support/random_names.h"
#include "tests/support/zone_dump.h"

namespace dns {
namespace {

std::shared_ptr<const Zone> zone_at(NameView apex) { return ZoneBuilder(apex).finish().zone; }

std::shared_ptr<const Snapshot> snapshot_of(std::initializer_list<const char*> apexes) {
  std::vector<std::shared_ptr<const Zone>> zones;
  for (const char* const apex : apexes) zones.push_back(zone_at(*parse_name(apex)));
  return Snapshot::of(std::move(zones));
}

std::string apex_of(const Zone* zone) { return zone == nullptr ? "-" : to_text(zone->apex()); }

std::string find(const Snapshot& snapshot, NameView name, Snapshot::Within within = Snapshot::Within::kAtOrBelow) {
  const Key key(name);
  Snapshot::ZoneRequest seek{&key, within};
  snapshot.find_all({&seek, 1});
  CHECK(seek.entry.zone == snapshot.find(key, within));
  if (snapshot.is_small_set() && within == Snapshot::Within::kAtOrBelow) {
    Key begun;
    begun.begin(name);
    CHECK(seek.entry.zone == snapshot.find_in_small_set(begun, name).zone);
  }
  return apex_of(seek.entry.zone);
}

using Reference = std::map<std::string, std::shared_ptr<const Zone>>;  // by the apex's folded text

std::string expected(const Reference& reference, NameView name, bool strictly) {
  for (std::size_t drop = strictly ? 1 : 0; drop <= name.labels(); ++drop)
    for (const auto& [text, zone] : reference)
      if (zone->apex() == name.drop(drop)) return to_text(zone->apex());
  return "-";
}

std::string key_of(NameView name) {
  const Key key(name);
  return std::string(as_text({key.folded.data(), key.folded_size}));
}

}  // namespace

TEST_CASE("snapshot: find returns the longest matching apex; kStrictlyBelow excludes the name itself") {
  const auto snapshot = snapshot_of({"example.", "sub.example.", "a.b.c.org.", "example.net."});
  struct Row {
    const char* name;
    const char* at_or_below;
    const char* strictly_below;
  };
  const Row rows[] = {
      {"example.", "example.", "-"},
      {"www.EXAMPLE.", "example.", "example."},
      {"sub.example.", "sub.example.", "example."},
      {"x.sub.example.", "sub.example.", "sub.example."},
      {"xsub.example.", "example.", "example."},
      {"b.c.org.", "-", "-"},
      {"x.a.b.c.org.", "a.b.c.org.", "a.b.c.org."},
      {".", "-", "-"},
      {"net.", "-", "-"},
      {"exampl.", "-", "-"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(find(*snapshot, *parse_name(row.name)) == row.at_or_below);
    CHECK(find(*snapshot, *parse_name(row.name), Snapshot::Within::kStrictlyBelow) == row.strictly_below);
  }
  CHECK(find(*snapshot_of({"."}), *parse_name("a.")) == ".");
  CHECK(find(*snapshot_of({"."}), *parse_name("."), Snapshot::Within::kStrictlyBelow) == "-");
  CHECK(find(*snapshot_of({".", "a."}), *parse_name("a."), Snapshot::Within::kStrictlyBelow) == ".");
  CHECK(find(*snapshot_of({}), *parse_name("a.")) == "-");
}

TEST_CASE("snapshot: random updates equal a std::map, and the last snapshot frees its zones") {
  test::Random random(20261124);
  auto snapshot = Snapshot::of({});
  Reference reference;
  std::vector<std::weak_ptr<const Zone>> all;
  std::vector<std::pair<std::shared_ptr<const Snapshot>, Reference>> kept;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::shared_ptr<const Zone>> added;
    std::vector<Name> removed;
    for (std::size_t i = test::below(random, 4); i > 0; --i) removed.push_back(test::random_name(random, 3));
    for (const Name& apex : removed) reference.erase(key_of(apex));
    for (std::size_t i = test::below(random, 4); i > 0; --i) {
      added.push_back(zone_at(test::random_name(random, 3)));
      all.push_back(added.back());
      reference[key_of(added.back()->apex())] = added.back();
    }
    const std::uint64_t generation = snapshot->generation();
    snapshot = snapshot->with(added, removed);
    REQUIRE(snapshot->generation() == generation + 1);
    kept.emplace_back(snapshot, reference);
    if (kept.size() > 3) kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(test::below(random, 3)));
    for (const auto& [old, old_reference] : kept) {
      REQUIRE(old->size() == old_reference.size());
      REQUIRE(old->zones().size() == old_reference.size());
      for (int question = 0; question < 8; ++question) {
        const Name name = test::random_name(random, 4);
        REQUIRE(find(*old, name) == expected(old_reference, name, false));
        REQUIRE(find(*old, name, Snapshot::Within::kStrictlyBelow) == expected(old_reference, name, true));
      }
    }
  }
  kept.clear();
  std::size_t alive = 0;
  for (const auto& zone : all) alive += zone.lock() != nullptr;
  CHECK(alive == reference.size());
  reference.clear();
  snapshot.reset();
  for (const auto& zone : all) CHECK(zone.expired());
}

TEST_CASE("snapshot: two successors of one snapshot are independent") {
  const auto first = snapshot_of({"a."});
  const std::shared_ptr<const Zone> b[] = {zone_at(*parse_name("b."))}, c[] = {zone_at(*parse_name("c."))};
  const auto left = first->with(b, {}), right = first->with(c, {});
  CHECK(find(*left, *parse_name("b.")) == "b.");
  CHECK(find(*left, *parse_name("c.")) == "-");
  CHECK(find(*right, *parse_name("c.")) == "c.");
  CHECK(find(*right, *parse_name("b.")) == "-");
  CHECK(find(*right, *parse_name("a.")) == "a.");
  CHECK(right->generation() == left->generation());
}

TEST_CASE("snapshot: a successor keeps the view table unless it gets a new one") {
  const auto views =
      std::make_shared<const ViewTable>(std::vector<View>{{"closed", {*parse_prefix("10.0.0.0/8")}, {}}});
  const std::shared_ptr<const Zone> b[] = {zone_at(*parse_name("b."))}, c[] = {zone_at(*parse_name("c."))};
  const auto first = snapshot_of({"a."});
  CHECK(first->views() == nullptr);
  const auto second = first->with(b, {}, views);
  CHECK(second->views() == views);
  CHECK(second->with(c, {})->views() == views);
  CHECK(second->with({}, {}, nullptr)->views() == nullptr);
  CHECK(first->with(c, {})->views() == nullptr);
  CHECK(second->views() == views);
}

TEST_CASE("snapshot: lists zones in canonical order of their apexes") {
  const auto snapshot = snapshot_of({"z.a.", "b.", "a.", "B.a."});
  std::string order;
  for (const auto& zone : snapshot->zones()) order += to_text(zone->apex()) + " ";
  CHECK(order == "a. B.a. z.a. b. ");
}

TEST_CASE("snapshot: Snapshot::of equals adding zones one by one; the last zone with an apex is used") {
  test::Random random(20261123);
  for (int round = 0; round < 30; ++round) {
    std::vector<std::shared_ptr<const Zone>> zones;
    Reference reference;
    for (std::size_t count = test::below(random, 200); count > 0; --count) {
      zones.push_back(zone_at(test::random_name(random, 3)));
      reference[key_of(zones.back()->apex())] = zones.back();
    }
    auto one_by_one = Snapshot::of({});
    for (const auto& zone : zones) one_by_one = one_by_one->with({&zone, 1}, {});
    const auto at_once = Snapshot::of(zones);
    REQUIRE(at_once->size() == reference.size());
    REQUIRE(at_once->zones() == one_by_one->zones());
    for (int question = 0; question < 50; ++question) {
      const Name name = test::random_name(random, 4);
      const Key key(name);
      find(*at_once, name);
      REQUIRE(at_once->find(key) == one_by_one->find(key));
      REQUIRE(at_once->find(key, Snapshot::Within::kStrictlyBelow) ==
              one_by_one->find(key, Snapshot::Within::kStrictlyBelow));
    }
  }
}

}  // namespace dns
