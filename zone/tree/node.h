// One node of the radix tree: 12 bytes, a bitmap over the 48 symbols of `name/key.h`. A qp-trie.
//
//     word   | 3 | fresh 1 | offset 10 | bitmap 48 | tag 2 |   branch: which symbol of the key decides, which twigs
//     exist ref    index of the first twig; twigs stand side by side in symbol order, so a twig's place is a popcount
//
//     word   | marks 62                        | tag 2 |        leaf: marks belong to whoever owns the tree
//     ref    where the leaf's record lies in the arena of words
//
// The bitmap lies with the reference, in the parent's twigs: a level costs one cache line. References are 32-bit
// indexes, never pointers, so that a tree is position-independent and half the size.
#pragma once

#include <bit>
#include <cstdint>

#include "zone/name/key.h"

namespace dns {

class Node {
 public:
  Node() = default;
  static Node leaf(std::uint64_t marks, std::uint32_t ref) { return Node(marks << 2 | kLeaf, ref); }
  static Node branch(std::uint64_t bitmap, unsigned offset, std::uint32_t ref) {
    return Node(std::uint64_t{offset} << kOffsetShift | bitmap << 2 | kBranch, ref);
  }

  bool is_null() const { return (low_ & 3U) == 0; }
  bool is_branch() const { return (low_ & kBranch) != 0; }
  bool is_leaf() const { return (low_ & kLeaf) != 0; }
  std::uint32_t ref() const { return ref_; }

  // Leaf.
  std::uint64_t marks() const { return word() >> 2; }

  // Branch.
  unsigned offset() const { return static_cast<unsigned>(word() >> kOffsetShift) & 0x3ffU; }
  std::uint64_t bitmap() const { return (word() >> 2) & kBitmapMask; }
  unsigned twigs() const { return static_cast<unsigned>(std::popcount(bitmap())); }
  bool has(Symbol symbol) const { return (word() >> (symbol + 2) & 1U) != 0; }
  Node first_twigs_at(std::uint32_t ref) const { return Node(word(), ref); }

  // Fresh: the twigs were made by the edit under way, so that no reader sees them and they may be written in place.
  // Never set in a version that is published.
  bool is_fresh() const { return (word() & kFresh) != 0; }
  Node fresh() const { return Node(word() | kFresh, ref_); }
  Node sealed() const { return Node(word() & ~kFresh, ref_); }

  // The place among the twigs of `symbol`'s, or of the first twig above it where it has none.
  unsigned place(Symbol symbol) const {
    return static_cast<unsigned>(std::popcount(word() & ((std::uint64_t{4} << symbol) - 4)));
  }

  friend bool operator==(Node, Node) = default;

 private:
  static constexpr std::uint32_t kBranch = 1, kLeaf = 2;  // a bit each, so that one test tells
  static constexpr unsigned kOffsetShift = 50;
  static constexpr std::uint64_t kFresh = std::uint64_t{1} << 60;
  static constexpr std::uint64_t kBitmapMask = (std::uint64_t{1} << kSymbols) - 1;

  Node(std::uint64_t word, std::uint32_t ref)
      : low_(static_cast<std::uint32_t>(word)), high_(static_cast<std::uint32_t>(word >> 32)), ref_(ref) {}
  std::uint64_t word() const {
    if constexpr (std::endian::native == std::endian::little) {
      std::uint64_t word = 0;  // both halves by one load, which compilers do not find out
      __builtin_memcpy(&word, this, sizeof word);
      return word;
    }
    return std::uint64_t{high_} << 32 | low_;
  }

  std::uint32_t low_ = 0, high_ = 0, ref_ = 0;  // two halves: a 64-bit member would pad the node to 16 bytes
};
static_assert(sizeof(Node) == 12);

}  // namespace dns
