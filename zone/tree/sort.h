// Leaves that came in any order, put in canonical order.
//
// Ten symbols of a key fill a number. Leaves are sorted by the first ten; runs of equal ones, which are short, by the next
// ten, and so on: no key is made twice for the same ten symbols, and most comparisons are of two numbers side by side.
// About 100 ns a leaf for a million; 16 octets a leaf.
#pragma once

#include <span>

#include "zone/tree/store.h"

namespace dns {

inline constexpr std::size_t kPrefetchAhead = 16;  // records that are asked for before they are needed

struct LooseLeaf {
  std::uint64_t part = 0;   // ten symbols of the key
  std::uint32_t ref = 0;
  std::uint32_t marks = 0;

  static LooseLeaf of(const Key& key, Node leaf);
  static LooseLeaf of(const TreeStore& store, Node leaf);
  Node leaf() const { return Node::leaf(marks, ref); }
};

// Sorts leaves whose parts are of the keys' first ten symbols. Leaves of equal keys stand in the order of their records.
void sort_leaves(const TreeStore& store, std::span<LooseLeaf> leaves);

}  // namespace dns
