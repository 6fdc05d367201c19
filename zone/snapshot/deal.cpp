#include "zone/snapshot/deal.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "zone/base/result.h"

namespace dns {
namespace {

constexpr std::uint8_t kNobody = 255;
static_assert(kMaxShares <= kNobody);

using Counts = std::vector<std::size_t>;

// How much a member's claim to a slot is worth to it.
std::uint64_t claim(std::uint64_t key, std::size_t slot) { return mixed(key ^ mixed(slot)); }

// Seats for weights: each goes to the member for which weight / (2 * seats + 1) is largest.
Counts counts_of(std::span<const std::uint64_t> keys, std::vector<std::uint32_t> weights) {
  if (std::ranges::all_of(weights, [](std::uint32_t weight) { return weight == 0; })) std::ranges::fill(weights, 1U);
  Counts counts(weights.size(), 0);
  const auto goes_before = [&](std::size_t a, std::size_t b) {
    const std::uint64_t of_a = std::uint64_t{weights[a]} * (2 * counts[b] + 1);
    const std::uint64_t of_b = std::uint64_t{weights[b]} * (2 * counts[a] + 1);
    return std::tie(of_b, keys[a], a) < std::tie(of_a, keys[b], b);
  };
  for (std::size_t slot = 0; slot < kChoiceSlots; ++slot) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < weights.size(); ++i)
      if (goes_before(i, best)) best = i;
    ++counts[best];
  }
  return counts;
}

// Gives slots that are nobody's to members that still need some, the strongest claims first.
void give_out(std::span<const std::uint64_t> keys, Counts needs, Slots& slots) {
  struct Claim {
    std::uint64_t worth;
    std::uint8_t member, slot;
  };
  std::vector<Claim> claims;
  for (std::size_t slot = 0; slot < kChoiceSlots; ++slot) {
    if (slots[slot] != kNobody) continue;
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (needs[i] != 0) claims.push_back({claim(keys[i], slot), static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(slot)});
  }
  std::ranges::sort(claims, [](const Claim& a, const Claim& b) {
    return std::tie(b.worth, a.slot, a.member) < std::tie(a.worth, b.slot, b.member);
  });
  for (const Claim& strongest : claims) {
    if (slots[strongest.slot] != kNobody || needs[strongest.member] == 0) continue;
    slots[strongest.slot] = strongest.member;
    --needs[strongest.member];
  }
}

// Makes nobody's the slots of `member` beyond `kept`, in an order that only depends on its key.
void release(std::size_t member, std::uint64_t key, std::size_t kept, Slots& slots) {
  std::vector<std::size_t> held;
  for (std::size_t slot = 0; slot < kChoiceSlots; ++slot)
    if (slots[slot] == member) held.push_back(slot);
  // Another order than that of claims: else the slots that are given up first would be those that no other wants.
  std::ranges::sort(held, {}, [&](std::size_t slot) { return claim(~key, slot); });
  for (std::size_t i = kept; i < held.size(); ++i) slots[held[i]] = kNobody;
}

std::vector<std::uint32_t> each(std::span<const Share> shares, std::uint32_t Share::*of) {
  std::vector<std::uint32_t> weights;
  for (const Share& share : shares) weights.push_back(share.*of);
  return weights;
}

}  // namespace

Slots deal_slots(std::span<const Share> shares) {
  require(!shares.empty() && shares.size() <= kMaxShares, "there are 1 to kMaxShares members to deal slots to");
  std::vector<std::uint64_t> keys;
  for (const Share& share : shares) keys.push_back(share.key);
  Slots slots;
  slots.fill(kNobody);
  const Counts home = counts_of(keys, each(shares, &Share::home));
  give_out(keys, home, slots);
  Counts needs = counts_of(keys, each(shares, &Share::weight));
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (needs[i] < home[i]) release(i, keys[i], needs[i], slots);
    needs[i] -= std::min(needs[i], home[i]);
  }
  give_out(keys, std::move(needs), slots);
  return slots;
}

std::uint64_t share_key(std::string_view name) {
  std::uint64_t key = name.size();
  for (const char c : name) key = mixed(key ^ static_cast<std::uint8_t>(c));
  return key;
}

}  // namespace dns
