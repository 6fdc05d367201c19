// Weighted slots: shares of the members, and the slots that move when weights change.
#include <algorithm>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/choices.h"
#include "tests/support/random_names.h"
#include "zone/snapshot/weighted_slots.h"

namespace dns {
namespace {

std::size_t slot_count(const Slots& slots, std::size_t member) {
  return static_cast<std::size_t>(std::ranges::count(slots, static_cast<std::uint8_t>(member)));
}

// Slots that `member` has in `before` and not in `after`.
std::size_t lost_slots(const Slots& before, const Slots& after, std::size_t member) {
  std::size_t count = 0;
  for (std::size_t slot = 0; slot < kChoiceSlots; ++slot)
    count += before[slot] == member && after[slot] != member ? 1U : 0U;
  return count;
}

std::vector<WeightedMember> random_members(test::Random& random, std::size_t most) {
  std::vector<WeightedMember> members(1 + test::below(random, most));
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[i].key = member_key("member-" + std::to_string(random()));
    members[i].home = static_cast<std::uint32_t>(1 + test::below(random, 100));
    members[i].weight = members[i].home;
  }
  return members;
}

TEST_CASE("weighted slots: slot counts follow the weights") {
  struct Row {
    std::vector<std::uint32_t> weights;
    std::vector<std::size_t> counts;
  };
  const Row rows[] = {
      {{1}, {256}},
      {{0}, {256}},
      {{70, 30}, {179, 77}},
      {{1, 1}, {128, 128}},
      {{0, 5}, {0, 256}},
      {{0, 0}, {128, 128}},
      {{100, 0}, {256, 0}},
      {{75, 25}, {192, 64}},
      {{2, 1, 1}, {128, 64, 64}},
      {{1, 100000}, {0, 256}},
      {{4294967295, 4294967295}, {128, 128}},
  };
  for (const Row& row : rows) {
    std::vector<std::uint64_t> keys;
    for (std::size_t i = 0; i < row.weights.size(); ++i) keys.push_back(member_key("m" + std::to_string(i)));
    const Slots slots = test::dealt(row.weights, keys);
    for (std::size_t i = 0; i < row.counts.size(); ++i) CHECK(slot_count(slots, i) == row.counts[i]);
  }
}

TEST_CASE("weighted slots: slot counts differ from the exact share by at most one slot in nearly all cases") {
  test::Random random(21);
  int large_deviations = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::vector<WeightedMember> members = random_members(random, 12);
    const Slots slots = assign_slots(members);
    double whole = 0, deviation = 0;
    for (const WeightedMember& member : members) whole += member.weight;
    for (std::size_t i = 0; i < members.size(); ++i)
      deviation =
          std::max(deviation, std::abs(static_cast<double>(slot_count(slots, i)) - 256 * members[i].weight / whole));
    CHECK(deviation < 1.5);
    if (members.size() <= 3) CHECK(deviation < 1.0);
    large_deviations += deviation >= 1.0 ? 1 : 0;
  }
  CHECK(large_deviations <= 2);  // one in a thousand: the cost of not moving slots of other members
}

TEST_CASE("weighted slots: the assignment does not depend on the order of the members") {
  test::Random random(22);
  for (int round = 0; round < 200; ++round) {
    std::vector<WeightedMember> members = random_members(random, 8);
    for (WeightedMember& member : members) member.weight = static_cast<std::uint32_t>(test::below(random, 3) * 20);
    const Slots slots = assign_slots(members);
    std::vector<WeightedMember> rotated = members;
    std::ranges::rotate(rotated, rotated.begin() + static_cast<std::ptrdiff_t>(test::below(random, rotated.size())));
    const Slots other = assign_slots(rotated);
    for (std::size_t slot = 0; slot < kChoiceSlots; ++slot) CHECK(rotated[other[slot]].key == members[slots[slot]].key);
  }
}

TEST_CASE("weighted slots: a member that leaves moves only its own slots") {
  test::Random random(23);
  for (int round = 0; round < 500; ++round) {
    std::vector<WeightedMember> members = random_members(random, 10);
    if (members.size() == 1) continue;
    const Slots home = assign_slots(members);
    const std::size_t leaving = test::below(random, members.size());
    members[leaving].weight = 0;
    const Slots after_first = assign_slots(members);
    CHECK(slot_count(after_first, leaving) == 0);
    for (std::size_t i = 0; i < members.size(); ++i)
      if (i != leaving) CHECK(lost_slots(home, after_first, i) == 0);
    // A second member leaves. The other members keep their home slots.
    const std::size_t second = test::below(random, members.size());
    if (members.size() < 3 || second == leaving) continue;
    members[second].weight = 0;
    const Slots after_second = assign_slots(members);
    for (std::size_t i = 0; i < members.size(); ++i)
      if (i != leaving && i != second) CHECK(lost_slots(home, after_second, i) == 0);
  }
}

TEST_CASE("weighted slots: a member with falling weight only loses slots, and the others keep theirs") {
  test::Random random(24);
  for (int round = 0; round < 200; ++round) {
    std::vector<WeightedMember> members = random_members(random, 6);
    const std::size_t falling = test::below(random, members.size());
    const Slots home = assign_slots(members);
    Slots before = home;
    while (members[falling].weight > 0) {
      members[falling].weight -=
          std::min<std::uint32_t>(members[falling].weight, static_cast<std::uint32_t>(1 + test::below(random, 20)));
      const Slots after = assign_slots(members);
      if (members.size() > 1) CHECK(lost_slots(after, before, falling) == 0);  // gains no slot
      for (std::size_t i = 0; i < members.size(); ++i)
        if (i != falling) CHECK(lost_slots(home, after, i) == 0);
      before = after;
    }
  }
}

TEST_CASE("weighted slots: a rising percentage moves slots only to the new member") {
  std::vector<WeightedMember> members = {{member_key("mpls"), 100, 100}, {member_key("sdwan"), 0, 0}};
  Slots before = assign_slots(members);
  CHECK(slot_count(before, 1) == 0);
  for (std::uint32_t percent = 1; percent <= 100; ++percent) {
    members[0].weight = 100 - percent;
    members[1].weight = percent;
    const Slots after = assign_slots(members);
    CHECK(lost_slots(before, after, 1) == 0);
    CHECK(std::abs(static_cast<double>(slot_count(after, 1)) - 2.56 * percent) <= 0.5);
    before = after;
  }
  CHECK(slot_count(before, 1) == kChoiceSlots);
}

TEST_CASE("weighted slots: member keys and slots are the same on every machine") {
  CHECK(mix_bits(0) == 0xe220a8397b1dcdaf);  // SplitMix64's first number from seed 0
  CHECK(member_key("") == 0);
  CHECK(member_key("a") != member_key("b"));
  CHECK(member_key("ab") != member_key("ba"));
  const Slots slots =
      test::dealt(std::vector<std::uint32_t>{70, 30}, std::vector<std::uint64_t>{member_key("a"), member_key("b")});
  std::uint64_t digest = 0;
  for (const std::uint8_t member : slots) digest = mix_bits(digest ^ member);
  CHECK(digest == 17719843464829415222U);
}

}  // namespace
}  // namespace dns
