// Slots dealt out by weight: which of 256 equal shares of the clients is whose.
//
//     home    | a a a a a a a a b b b b |      dealt by home weights: where clients belong when all is well
//     now     | a a a a a a b a b b b b |      dealt by what weighs now: who lost weight released slots, who gained
//     took them
//
// Counts are those of Webster's method (Sainte-Laguë): within one slot of the exact share, among four members and more
// seldom one and a half. Unlike with largest remainders nobody ever gets fewer slots because another leaves or loses
// weight; no method has both always (Balinski and Young, "Fair Representation", 1982).
//
// The deal is a pure function of who there is and what each weighs, so that servers agree and a restart changes
// nothing. It moves little: a member keeps its home slots as long as its count allows; one that leaves gives up its
// slots and no other home slot moves; one that returns takes its own slots back. Which home slots a member gives up
// first is its own fixed order: a share that falls step by step only ever loses slots, one that rises between two
// members only ever gains. O(members * 256 * log) time; when health changes, not when asked.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace dns {

inline constexpr std::size_t kChoiceSlots = 256;
inline constexpr std::size_t kMaxWeightedMembers = 255;
using Slots = std::array<std::uint8_t, kChoiceSlots>;  // each the index of its member

struct WeightedMember {
  std::uint64_t key = 0;     // tells members apart over time: member_key of a name
  std::uint32_t home = 0;    // what it weighs when all is well
  std::uint32_t weight = 0;  // what it weighs now; 0: gone
};

// One to kMaxWeightedMembers members. A weight of 0 gets no slot, unless all are 0: then all weigh the same.
Slots assign_slots(std::span<const WeightedMember> members);

// A key of a member's name: the same on every machine.
std::uint64_t member_key(std::string_view name);

// A number whose every bit depends on every bit of `value`: the same on every machine.
constexpr std::uint64_t mix_bits(std::uint64_t value) {
  // The finisher of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
  value += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

}  // namespace dns
