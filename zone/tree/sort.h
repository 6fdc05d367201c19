// Leaves that came in any order, put in canonical order.
//
// Twenty symbols of a key fill two numbers. Leaves are sorted by the first twenty; runs of equal ones, which are short,
// by the next twenty, and so on: no key is made twice for the same symbols, and most comparisons are of numbers side by
// side. About 100 ns a leaf for a million; 24 octets a leaf.
#pragma once

#include <span>
#include <vector>

#include "zone/tree/store.h"

namespace dns {

inline constexpr std::size_t kPrefetchAhead = 16;  // records that are asked for before they are needed

// The first symbols of a key, or those from some place on.
struct KeyPart {
  std::uint64_t high = 0, low = 0;  // ten symbols each

  static constexpr std::size_t kSymbolsEach = 10;
  static constexpr std::size_t kSize = 2 * kSymbolsEach;

  static KeyPart of_symbols(const Symbol* symbols);  // of kSize
  Symbol operator[](std::size_t at) const;
  // Its first symbols, behind them the lowest.
  KeyPart first(std::size_t count) const;
  // How many symbols agree with those of a part that differs.
  std::size_t common(const KeyPart& other) const;
  friend auto operator<=>(const KeyPart&, const KeyPart&) = default;
};

struct UnsortedLeaf {
  KeyPart part;
  std::uint32_t ref = 0;
  std::uint32_t marks : 8 = 0;
  std::uint32_t run : 24 = 0;  // leaves of one owner go together in ascending order of these, and within one of records

  static UnsortedLeaf of(Bytes owner, Node leaf, std::uint32_t run);
  Node leaf() const { return Node::leaf(marks, ref); }
};

// Sorts leaves whose parts are of their keys' first symbols.
void sort_leaves(const TreeStore& store, std::span<UnsortedLeaf> leaves);

// Where two keys part.
struct BranchPoint {
  unsigned common = 0;  // symbols that agree
  Symbol before = 0, after = 0;

  friend bool operator==(const BranchPoint&, const BranchPoint&) = default;
};

// Of leaves side by side in order; common is kMaxKey where both have the same owner.
BranchPoint branch_point_of(const TreeStore& store, const UnsortedLeaf& before, const UnsortedLeaf& after);

}  // namespace dns
