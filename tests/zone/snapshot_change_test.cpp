// apply, diff and inverse: invariants on random zones, and rejected changes.
#include <doctest/doctest.h>

#include "tests/support/choices.h"
#include "tests/support/random_names.h"
#include "tests/support/zone_dump.h"
#include "zone/snapshot/change.h"

namespace dns {
namespace {

Name name(std::string_view text) { return *parse_name(text); }

constexpr Type kTypes[] = {Type::A, Type::NS, Type::TXT, Type::DNAME, Type::RRSIG, Type::SOA};

// Well-formed RDATA with few different values, so equal records occur often.
std::vector<std::uint8_t> random_rdata(test::Random& random, Type type) {
  const auto some = static_cast<std::uint8_t>('a' + test::below(random, 4));
  if (type == Type::NS || type == Type::DNAME) return {1, some, 0};
  if (type == Type::TXT) return {1, some};
  if (type == Type::A) return {192, 0, 2, some};
  std::vector<std::uint8_t> rdata(type == Type::SOA ? 22 : 18);  // an SOA or RRSIG with root names
  rdata[type == Type::SOA ? 5 : 1] = some;
  if (type == Type::RRSIG) rdata.push_back(0);
  return rdata;
}

void add_random_records(test::Random& random, ZoneBuilder& builder, NameView owner) {
  for (std::size_t count = 1 + test::below(random, 4); count > 0; --count) {
    const Type type = kTypes[test::below(random, std::size(kTypes))];
    builder.add(owner, type, static_cast<std::uint32_t>(60 * test::below(random, 2)), random_rdata(random, type));
  }
}

std::shared_ptr<const Zone> random_zone(test::Random& random, NameView apex) {
  ZoneBuilder builder(apex);
  for (std::size_t count = test::below(random, 30); count > 0; --count)
    add_random_records(random, builder, test::random_name(random, 3, apex));
  return builder.finish().zone;
}

Rrset one(Type type, std::uint8_t octet) {
  Rrset set(type, 60);
  set.count = 1;
  set.packed = {0, 1, octet};
  return set;
}

RrsetChange change_of(std::string_view owner, Rrset before, Rrset after) {
  const Type type = before.count != 0 ? before.type : after.type;
  return {name(owner), type, {}, std::move(before), std::move(after)};
}

// The zone "example." with one A record {1} at a.example.
std::shared_ptr<const Zone> small_zone() {
  ZoneBuilder builder(name("example."));
  const std::uint8_t octet[] = {1};
  builder.add(name("a.example."), Type::A, 60, octet);
  return builder.finish().zone;
}

}  // namespace

TEST_CASE("change: apply(diff) gives the new zone, inverse restores the old zone, and the old version is unchanged") {
  test::Random random(20261122);
  for (int round = 0; round < 400; ++round) {
    const Name apex = test::random_name(random, 2);
    const auto from = random_zone(random, apex), to = random_zone(random, apex);
    const std::string from_text = test::dump(*from), to_text = test::dump(*to);

    const Change change = diff(*from, *to);
    CHECK(change.empty() == (from_text == to_text));
    const auto applied = *dns::apply(from, change);
    REQUIRE(test::dump(*applied) == to_text);
    REQUIRE(applied->totals() == test::recount(*applied));
    REQUIRE(applied->serial() == to->serial());
    REQUIRE(test::dump(*from) == from_text);
    REQUIRE(diff(*from, *applied) == change);  // compares references: versions of one storage
    REQUIRE(diff(*applied, *to).empty());
    REQUIRE(diff(*applied, *from) == inverse(change));

    const auto reverted = *dns::apply(applied, inverse(change));
    REQUIRE(test::dump(*reverted) == from_text);
    REQUIRE(diff(*from, *reverted).empty());
  }
}

TEST_CASE("change: the marks for zone cuts and DNAMEs match the records") {
  test::Random random(9);
  for (int round = 0; round < 200; ++round) {
    const auto from = random_zone(random, name("z.")), to = random_zone(random, name("z."));
    const auto applied = *dns::apply(from, diff(*from, *to));
    applied->for_each([&](const NodeView& node) {
      REQUIRE(node.is_cut() == (node.has(Type::NS) && !node.relative_owner().empty()));
      REQUIRE(node.has_dname() == node.has(Type::DNAME));
      return true;
    });
  }
}

TEST_CASE("change: rejects a change that does not match the version, and leaves the version unchanged") {
  const auto zone = small_zone();
  struct Row {
    const char* description;
    const char* apex;
    std::vector<RrsetChange> sets;
    ApplyError error;
  };
  const Row rows[] = {
      {"another apex", "elsewhere.", {}, ApplyError::kWrongZone},
      {"an owner outside", "example.", {change_of("a.elsewhere.", {}, one(Type::A, 2))}, ApplyError::kWrongZone},
      {"before is another record",
       "example.",
       {change_of("a.example.", one(Type::A, 9), one(Type::A, 2))},
       ApplyError::kMismatch},
      {"before is none, but there is one",
       "example.",
       {change_of("a.example.", {}, one(Type::A, 2))},
       ApplyError::kMismatch},
      {"before is one, but there is none",
       "example.",
       {change_of("b.example.", one(Type::A, 1), {})},
       ApplyError::kMismatch},
      {"the second set does not fit",
       "example.",
       {change_of("a.example.", one(Type::A, 1), one(Type::A, 2)), change_of("b.example.", one(Type::A, 1), {})},
       ApplyError::kMismatch},
      {"one set twice",
       "example.",
       {change_of("a.example.", one(Type::A, 1), one(Type::A, 2)), change_of("A.example.", one(Type::A, 1), {})},
       ApplyError::kMismatch},
  };
  for (const Row& row : rows) {
    CAPTURE(row.description);
    const auto result = dns::apply(zone, {name(row.apex), row.sets});
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error() == row.error);
    CHECK(test::dump(*zone) == test::dump(*small_zone()));
  }
}

TEST_CASE("change: RRsets may come in any order; an owner without RRsets is removed") {
  const auto zone = small_zone();
  Change change{name("example."),
                {change_of("c.example.", {}, one(Type::A, 3)), change_of("b.example.", {}, one(Type::TXT, 2)),
                 change_of("b.example.", {}, one(Type::A, 2)), change_of("a.example.", one(Type::A, 1), {})}};
  const auto next = *dns::apply(zone, change);
  CHECK(test::dump(*next) == "b.example. 60 1 02\nb.example. 60 16 02\nc.example. 60 1 03\n");
  CHECK_FALSE(next->find_exact(name("a.example.")).has_value());
}

TEST_CASE("change: two successors of one version are independent") {
  const auto zone = small_zone();
  const auto left = *dns::apply(zone, {zone->apex(), {change_of("l.example.", {}, one(Type::A, 2))}});
  const auto right = *dns::apply(zone, {zone->apex(), {change_of("r.example.", {}, one(Type::A, 2))}});
  CHECK(test::dump(*left) == "a.example. 60 1 01\nl.example. 60 1 02\n");
  CHECK(test::dump(*right) == "a.example. 60 1 01\nr.example. 60 1 02\n");
  CHECK(test::dump(*zone) == "a.example. 60 1 01\n");
  CHECK(diff(*left, *right).sets.size() == 2);
}

TEST_CASE("change: a discarded version releases its memory") {
  const auto zone = small_zone();
  const std::uint64_t cells = zone->storage()->tree().live_cells(), words = zone->storage()->tree().live_words();
  for (int round = 0; round < 10; ++round) {
    const auto next = *dns::apply(
        zone,
        {zone->apex(), {change_of("l.example.", {}, one(Type::A, 2)), change_of("a.example.", one(Type::A, 1), {})}});
    CHECK(next->totals().names == 1);
  }
  CHECK(zone->storage()->tree().live_cells() == cells);
  CHECK(zone->storage()->tree().live_words() == words);
}

TEST_CASE("change: 100,000 changes of one RRset use no more memory, and an emptied zone uses none") {
  auto zone = small_zone();
  std::uint64_t early = 0;
  for (int round = 0; round < 100'000; ++round) {
    const auto old = static_cast<std::uint8_t>(round == 0 ? 1 : round % 251);
    const Rrset before = one(Type::A, old), after = one(Type::A, static_cast<std::uint8_t>((round + 1) % 251));
    zone = *dns::apply(zone, {zone->apex(), {change_of("a.example.", before, after)}});
    if (round == 100) early = zone->totals().bytes;
  }
  CHECK(zone->totals().bytes == early);
  const Rrset last = Rrset(*zone->find_exact(name("a.example."))->find(Type::A));
  zone = *dns::apply(zone, {zone->apex(), {change_of("a.example.", last, {})}});
  CHECK(zone->totals() == test::recount(*zone));
  CHECK(zone->storage()->tree().live_cells() == 0);
  CHECK(zone->storage()->tree().live_words() == 0);
}

namespace {

// The client choices of a zone, one per line.
std::string choices(const Zone& zone) {
  std::string out;
  zone.for_each([&](const NodeView& node) {
    for (const Type type : kChoosableTypes)
      if (const auto choice = node.client_choice_of(type)) {
        const Rrset set(*choice);
        std::string owner = to_text(node.owner());
        for (char& c : owner) c = static_cast<char>(fold(static_cast<std::uint8_t>(c)));
        out += owner + " " + std::to_string(static_cast<int>(type)) + " " + test::hex(set.packed) + "\n";
      }
    REQUIRE(node.has_client_choices() == (node.client_choice_of(Type::A) || node.client_choice_of(Type::AAAA)));
    return true;
  });
  return out;
}

ClientChoice plan_of(test::Random& random) {
  ClientChoice plan{.variants = {Rrset(Type::A, 30)}, .rules = {}};
  plan.variants[0].add(random_rdata(random, Type::A));
  plan.rules.push_back(test::arm_of(static_cast<std::uint8_t>(test::below(random, 3)), 0));
  return plan;
}

// A random zone in which half of the A RRsets have a client choice.
std::shared_ptr<const Zone> zone_with_choices(test::Random& random, NameView apex) {
  std::shared_ptr<const Zone> zone = random_zone(random, apex);
  Change change{zone->apex(), {}};
  zone->for_each([&](const NodeView& node) {
    if (node.has(Type::A) && test::below(random, 2) == 0)
      change.sets.push_back(test::choice_change(*zone, node.owner(), Type::A, plan_of(random)));
    return true;
  });
  return *dns::apply(zone, change);
}

}  // namespace

TEST_CASE("change: client choices are copied and compared like RRsets, but not counted") {
  test::Random random(20);
  for (int round = 0; round < 400; ++round) {
    const Name apex = test::random_name(random, 2);
    const auto from = zone_with_choices(random, apex), to = zone_with_choices(random, apex);
    const std::string from_text = test::dump(*from) + choices(*from), to_text = test::dump(*to) + choices(*to);
    REQUIRE(from->totals() == test::recount(*from));

    const Change change = diff(*from, *to);
    CHECK(change.empty() == (from_text == to_text));
    const auto applied = *dns::apply(from, change);
    REQUIRE(test::dump(*applied) + choices(*applied) == to_text);
    REQUIRE(applied->totals() == test::recount(*applied));
    REQUIRE(diff(*from, *applied) == change);
    const auto reverted = *dns::apply(applied, inverse(change));
    REQUIRE(test::dump(*reverted) + choices(*reverted) == from_text);

    // A second successor of the same version gets its own storage.
    const auto second = *dns::apply(from, change);
    REQUIRE(test::dump(*second) + choices(*second) == to_text);
    REQUIRE(diff(*second, *applied).empty());
  }
}

TEST_CASE("change: rejects a client choice without its RRset") {
  test::Random random(21);
  const auto zone = small_zone();
  const ClientChoice plan = plan_of(random);
  const auto chosen = test::with_choice(zone, name("a.example."), Type::A, plan);
  CHECK(test::dump(*chosen) == test::dump(*zone));
  const auto node = chosen->find_exact(name("A.example."));
  REQUIRE(node);
  CHECK(node->set_count() == 1);
  CHECK_FALSE(node->has(kClientChoiceType));
  CHECK_FALSE(node->find(kClientChoiceType));
  CHECK_FALSE(node->client_choice_of(Type::AAAA));
  CHECK(decode(*node->client_choice_of(Type::A), Type::A) == plan);

  const Rrset choice = encode(plan);
  const auto rejected = [](const std::shared_ptr<const Zone>& to, std::vector<RrsetChange> sets) {
    const auto result = dns::apply(to, {name("example."), std::move(sets)});
    return !result && result.error() == ApplyError::kChoiceWithoutRrset;
  };
  CHECK(rejected(zone, {{name("b.example."), kClientChoiceType, Type::A, {}, choice}}));
  CHECK(rejected(zone, {{name("a.example."), kClientChoiceType, Type::AAAA, {}, choice}}));
  CHECK(rejected(zone, {{name("a.example."), kClientChoiceType, {}, {}, choice}}));
  CHECK(rejected(chosen, {change_of("a.example.", one(Type::A, 1), {})}));
  const auto both = dns::apply(chosen, {name("example."),
                                        {change_of("a.example.", one(Type::A, 1), {}),
                                         {name("a.example."), kClientChoiceType, Type::A, choice, {}}}});
  REQUIRE(both);
  CHECK((*both)->totals().names == 0);
  // The RRset may change while its client choice stays.
  CHECK(
      dns::apply(chosen, {name("example."), {change_of("a.example.", one(Type::A, 1), one(Type::A, 2))}}).has_value());
}

}  // namespace dns
