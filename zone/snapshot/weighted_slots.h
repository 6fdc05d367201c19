// Assigns slots to members by weight. Each of the 256 slots is an equal share of the clients.
//
//     home    | a a a a a a a a b b b b |   by home weights: the assignment when all members are healthy
//     now     | a a a a a a b a b b b b |   by current weights: a lost weight and released slots, b took them
//
// Slot counts follow Webster's method (Sainte-Laguë). They differ from the exact share by at most one slot; among four
// or more members seldom by one and a half. Unlike with the method of largest remainders, a member never loses slots
// because another member leaves or loses weight. No method always guarantees both (Balinski and Young, "Fair
// Representation", 1982).
//
// The assignment is a pure function of the members and their weights: all servers compute the same one, and a restart
// does not change it. Few clients move:
//   - a member keeps its home slots as long as its count allows;
//   - a member that leaves releases its slots, and no other home slot moves;
//   - a member that returns takes its own slots back.
// Each member releases its home slots in its own fixed order. A share that falls in steps therefore only loses slots,
// and a share that rises at the expense of one other member only gains slots.
//
// O(members * 256 * log) time, when health changes. Queries only read the result.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace dns {

inline constexpr std::size_t kChoiceSlots = 256;
inline constexpr std::size_t kMaxWeightedMembers = 255;
using Slots = std::array<std::uint8_t, kChoiceSlots>;  // the index of the member that has the slot

struct WeightedMember {
  std::uint64_t key = 0;     // identifies the member over time: member_key of its name
  std::uint32_t home = 0;    // weight when all members are healthy
  std::uint32_t weight = 0;  // current weight; 0: out of service
};

// `members` has 1 to kMaxWeightedMembers entries. Weight 0 gets no slot. If all weights are 0, all count the same.
Slots assign_slots(std::span<const WeightedMember> members);

// The key for a member's name, the same on every machine.
std::uint64_t member_key(std::string_view name);

// A hash: every bit depends on every bit of `value`. The same on every machine.
constexpr std::uint64_t mix_bits(std::uint64_t value) {
  // The finisher of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
  value += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

}  // namespace dns
