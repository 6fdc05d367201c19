// The history of a zone: steps that condense to the difference of two versions, and its limits.
#include <doctest/doctest.h>

#include "tests/support/random_names.h"
#include "tests/support/zone_dump.h"
#include "zone/snapshot/history.h"

namespace dns {
namespace {

constexpr std::size_t kAnySize = SIZE_MAX;

Name apex_name() { return *parse_name("example."); }

// A zone whose SOA has the serial, with some of a few records.
std::shared_ptr<const Zone> version(test::Random& random, std::uint32_t serial) {
  ZoneBuilder builder(apex_name());
  std::vector<std::uint8_t> soa(22);
  store32(soa.data() + 2, serial);
  builder.add(apex_name(), Type::SOA, 60, soa);
  for (std::size_t i = 0; i < 12; ++i) {
    const Name owner = *parse_name("h" + std::to_string(test::below(random, 6)) + ".example.");
    const auto value = static_cast<std::uint8_t>(test::below(random, 2));
    if (test::below(random, 2) == 0) builder.add(owner, Type::A, 60, std::vector<std::uint8_t>{192, 0, 2, value});
    else builder.add(owner, Type::TXT, 60, std::vector<std::uint8_t>{1, value});
  }
  return builder.finish().zone;
}

Change change_of(std::uint32_t from, std::uint32_t to, std::uint8_t before, std::uint8_t after) {
  const auto set = [](std::uint8_t value) {
    Rrset made(Type::A, value == 0 ? 0 : 60);
    if (value != 0) made.add(std::vector<std::uint8_t>{192, 0, 2, value});
    return made;
  };
  return {apex_name(), {{*parse_name("www.example."), Type::A, {}, set(before), set(after)}}, {from}, {to}};
}

}  // namespace

TEST_CASE("history: the steps since any version are the difference to the newest one") {
  test::Random random(20261130);
  for (int round = 0; round < 40; ++round) {
    History history;
    std::vector<std::shared_ptr<const Zone>> versions{version(random, 7)};
    for (std::uint32_t serial = 8; serial < 24; ++serial) {
      versions.push_back(version(random, serial));
      history.add(to_step(diff(*versions[versions.size() - 2], *versions.back()), kAnySize));
      for (const auto& old : versions) {
        const auto change = history.since(old->serial(), apex_name());
        REQUIRE(change.has_value());
        CHECK(*change == diff(*old, *versions.back()));
        CHECK(test::dump(**dns::apply(old, *change)) == test::dump(*versions.back()));
      }
      CHECK_FALSE(history.since({6}, apex_name()).has_value());
      CHECK_FALSE(history.since({serial + 1}, apex_name()).has_value());
    }
  }
}

TEST_CASE("history: what changes back is no change") {
  History history;
  history.add(to_step(change_of(1, 2, 1, 2), kAnySize));
  history.add(to_step(change_of(2, 3, 2, 0), kAnySize));
  history.add(to_step(change_of(3, 4, 0, 1), kAnySize));
  CHECK(history.since({1}, apex_name())->empty());
  CHECK(history.since({1}, apex_name())->to == Serial{4});
  CHECK(history.since({2}, apex_name())->sets.size() == 1);
  CHECK(history.since({4}, apex_name())->empty());
}

TEST_CASE("history: a gap, a serial that does not rise and a step that is too large end it") {
  const auto ended_by = [](HistoryStepPtr step) {
    History history;
    history.add(to_step(change_of(1, 2, 1, 2), kAnySize));
    history.add(std::move(step));
    return !history.since({1}, apex_name()).has_value();
  };
  CHECK_FALSE(ended_by(to_step(change_of(2, 3, 2, 1), kAnySize)));
  CHECK_FALSE(ended_by(to_step(Change{apex_name(), {}, {2}, {2}}, kAnySize)));  // nothing has changed
  CHECK(ended_by(to_step(change_of(3, 4, 2, 1), kAnySize)));
  CHECK(ended_by(to_step(change_of(2, 2, 2, 1), kAnySize)));
  CHECK(ended_by(to_step(change_of(2, 1, 2, 1), kAnySize)));
  CHECK(ended_by(to_step(change_of(2, 3, 2, 1), 10)));
}

TEST_CASE("history: it is limited in octets and in steps") {
  History history;
  std::size_t octets = 0;
  for (std::uint32_t serial = 1; serial <= 3000; ++serial) {
    history.add(to_step(change_of(serial, serial + 1, 1, 2), kAnySize));
    CHECK(history.steps().size() <= History::kMaxSteps);
  }
  for (const HistoryStepPtr& step : history.steps()) octets += step->size();
  CHECK(history.octets() == octets);
  history.limit(octets / 2);
  CHECK(history.octets() <= octets / 2);
  CHECK(history.since({3000}, apex_name()).has_value());
  CHECK_FALSE(history.since({2000}, apex_name()).has_value());
  history.limit(0);
  CHECK(history.steps().empty());
  CHECK(history.octets() == 0);
}

}  // namespace dns
