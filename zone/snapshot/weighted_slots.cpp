#include "zone/snapshot/weighted_slots.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "zone/base/result.h"

namespace dns {
namespace {

constexpr std::uint8_t kUnassigned = 255;
static_assert(kMaxWeightedMembers <= kUnassigned);

using Counts = std::vector<std::size_t>;

// The rank of a member for a slot.
std::uint64_t score(std::uint64_t key, std::size_t slot) { return mix_bits(key ^ mix_bits(slot)); }

// The number of slots of each member: each slot goes to the member with the largest weight / (2 * slots + 1).
Counts counts_of(std::span<const std::uint64_t> keys, std::vector<std::uint32_t> weights) {
  if (std::ranges::all_of(weights, [](std::uint32_t weight) { return weight == 0; })) std::ranges::fill(weights, 1U);
  Counts counts(weights.size(), 0);
  const auto has_priority = [&](std::size_t a, std::size_t b) {
    const std::uint64_t of_a = std::uint64_t{weights[a]} * (2 * counts[b] + 1);
    const std::uint64_t of_b = std::uint64_t{weights[b]} * (2 * counts[a] + 1);
    return std::tie(of_b, keys[a], a) < std::tie(of_a, keys[b], b);
  };
  for (std::size_t slot = 0; slot < kChoiceSlots; ++slot) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < weights.size(); ++i)
      if (has_priority(i, best)) best = i;
    ++counts[best];
  }
  return counts;
}

// Assigns free slots to members that still need some, the best candidates first.
void assign_free_slots(std::span<const std::uint64_t> keys, Counts needs, Slots& slots) {
  struct Candidate {
    std::uint64_t score;
    std::uint8_t member, slot;
  };
  std::vector<Candidate> candidates;
  for (std::size_t slot = 0; slot < kChoiceSlots; ++slot) {
    if (slots[slot] != kUnassigned) continue;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (needs[i] != 0)
        candidates.push_back({score(keys[i], slot), static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(slot)});
  }
  std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
    return std::tie(b.score, a.slot, a.member) < std::tie(a.score, b.slot, b.member);
  });
  for (const Candidate& best : candidates) {
    if (slots[best.slot] != kUnassigned || needs[best.member] == 0) continue;
    slots[best.slot] = best.member;
    --needs[best.member];
  }
}

// Releases the slots of `member` beyond `kept`, in an order that depends only on its key.
void release(std::size_t member, std::uint64_t key, std::size_t kept, Slots& slots) {
  std::vector<std::size_t> held;
  for (std::size_t slot = 0; slot < kChoiceSlots; ++slot)
    if (slots[slot] == member) held.push_back(slot);
  // This order differs from the candidates' order. Otherwise a member would first release the slots that no other
  // member ranks high.
  std::ranges::sort(held, {}, [&](std::size_t slot) { return score(~key, slot); });
  for (std::size_t i = kept; i < held.size(); ++i) slots[held[i]] = kUnassigned;
}

std::vector<std::uint32_t> weights_of(std::span<const WeightedMember> members, std::uint32_t WeightedMember::* of) {
  std::vector<std::uint32_t> weights;
  for (const WeightedMember& member : members) weights.push_back(member.*of);
  return weights;
}

}  // namespace

Slots assign_slots(std::span<const WeightedMember> members) {
  require(!members.empty() && members.size() <= kMaxWeightedMembers,
          "there are 1 to kMaxWeightedMembers members to assign slots to");
  std::vector<std::uint64_t> keys;
  for (const WeightedMember& member : members) keys.push_back(member.key);
  Slots slots;
  slots.fill(kUnassigned);
  const Counts home = counts_of(keys, weights_of(members, &WeightedMember::home));
  assign_free_slots(keys, home, slots);
  Counts needs = counts_of(keys, weights_of(members, &WeightedMember::weight));
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (needs[i] < home[i]) release(i, keys[i], needs[i], slots);
    needs[i] -= std::min(needs[i], home[i]);
  }
  assign_free_slots(keys, std::move(needs), slots);
  return slots;
}

std::uint64_t member_key(std::string_view name) {
  std::uint64_t key = name.size();
  for (const char c : name) key = mix_bits(key ^ static_cast<std::uint8_t>(c));
  return key;
}

}  // namespace dns
