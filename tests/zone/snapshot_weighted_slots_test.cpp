// Slots by weight: exact shares, and what moves when weights change.
#include <algorithm>
#include <cmath>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/choices.h"
#include "tests/support/random_names.h"
#include "zone/snapshot/weighted_slots.h"

namespace dns {
namespace {

std::size_t held(const Slots& slots, std::size_t member) {
  return static_cast<std::size_t>(std::ranges::count(slots, static_cast<std::uint8_t>(member)));
}

// Slots that `member` has in `before` and not in `after`.
std::size_t lost(const Slots& before, const Slots& after, std::size_t member) {
  std::size_t count = 0;
  for (std::size_t slot = 0; slot < kChoiceSlots; ++slot)
    count += before[slot] == member && after[slot] != member ? 1U : 0U;
  return count;
}

std::vector<WeightedMember> random_shares(test::Random& random, std::size_t most) {
  std::vector<WeightedMember> shares(1 + test::below(random, most));
  for (std::size_t i = 0; i < shares.size(); ++i) {
    shares[i].key = member_key("member-" + std::to_string(random()));
    shares[i].home = static_cast<std::uint32_t>(1 + test::below(random, 100));
    shares[i].weight = shares[i].home;
  }
  return shares;
}

TEST_CASE("counts follow the weights") {
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
    for (std::size_t i = 0; i < row.counts.size(); ++i) CHECK(held(slots, i) == row.counts[i]);
  }
}

TEST_CASE("random weights are dealt to within a slot") {
  test::Random random(21);
  int further = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::vector<WeightedMember> shares = random_shares(random, 12);
    const Slots slots = assign_slots(shares);
    double whole = 0, farthest = 0;
    for (const WeightedMember& share : shares) whole += share.weight;
    for (std::size_t i = 0; i < shares.size(); ++i)
      farthest = std::max(farthest, std::abs(static_cast<double>(held(slots, i)) - 256 * shares[i].weight / whole));
    CHECK(farthest < 1.5);
    if (shares.size() <= 3) CHECK(farthest < 1.0);
    further += farthest >= 1.0 ? 1 : 0;
  }
  CHECK(further <= 2);  // one in a thousand: the price of never taking a slot because another leaves
}

TEST_CASE("a deal depends on members, not on their order") {
  test::Random random(22);
  for (int round = 0; round < 200; ++round) {
    std::vector<WeightedMember> shares = random_shares(random, 8);
    for (WeightedMember& share : shares) share.weight = static_cast<std::uint32_t>(test::below(random, 3) * 20);
    const Slots slots = assign_slots(shares);
    std::vector<WeightedMember> turned = shares;
    std::ranges::rotate(turned, turned.begin() + static_cast<std::ptrdiff_t>(test::below(random, turned.size())));
    const Slots other = assign_slots(turned);
    for (std::size_t slot = 0; slot < kChoiceSlots; ++slot) CHECK(turned[other[slot]].key == shares[slots[slot]].key);
  }
}

TEST_CASE("a member that leaves moves its own slots only, and gets them back") {
  test::Random random(23);
  for (int round = 0; round < 500; ++round) {
    std::vector<WeightedMember> shares = random_shares(random, 10);
    if (shares.size() == 1) continue;
    const Slots home = assign_slots(shares);
    const std::size_t leaver = test::below(random, shares.size());
    shares[leaver].weight = 0;
    const Slots without = assign_slots(shares);
    CHECK(held(without, leaver) == 0);
    for (std::size_t i = 0; i < shares.size(); ++i)
      if (i != leaver) CHECK(lost(home, without, i) == 0);
    // A second one leaves: those whose home is up still stay there.
    const std::size_t second = test::below(random, shares.size());
    if (shares.size() < 3 || second == leaver) continue;
    shares[second].weight = 0;
    const Slots twice = assign_slots(shares);
    for (std::size_t i = 0; i < shares.size(); ++i)
      if (i != leaver && i != second) CHECK(lost(home, twice, i) == 0);
  }
}

TEST_CASE("a weight that falls only loses, whoever gains keeps what it had") {
  test::Random random(24);
  for (int round = 0; round < 200; ++round) {
    std::vector<WeightedMember> shares = random_shares(random, 6);
    const std::size_t falling = test::below(random, shares.size());
    const Slots home = assign_slots(shares);
    Slots before = home;
    while (shares[falling].weight > 0) {
      shares[falling].weight -=
          std::min<std::uint32_t>(shares[falling].weight, static_cast<std::uint32_t>(1 + test::below(random, 20)));
      const Slots after = assign_slots(shares);
      if (shares.size() > 1) CHECK(lost(after, before, falling) == 0);  // gains nothing
      for (std::size_t i = 0; i < shares.size(); ++i)
        if (i != falling) CHECK(lost(home, after, i) == 0);
      before = after;
    }
  }
}

TEST_CASE("a migration is monotonic: raising the percentage moves slots one way") {
  std::vector<WeightedMember> shares = {{member_key("mpls"), 100, 100}, {member_key("sdwan"), 0, 0}};
  Slots before = assign_slots(shares);
  CHECK(held(before, 1) == 0);
  for (std::uint32_t percent = 1; percent <= 100; ++percent) {
    shares[0].weight = 100 - percent;
    shares[1].weight = percent;
    const Slots after = assign_slots(shares);
    CHECK(lost(before, after, 1) == 0);
    CHECK(std::abs(static_cast<double>(held(after, 1)) - 2.56 * percent) <= 0.5);
    before = after;
  }
  CHECK(held(before, 1) == kChoiceSlots);
}

TEST_CASE("keys and mixing are the same on every machine") {
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
