// One node of the radix tree, a qp-trie: 12 bytes with a bitmap over the 48 symbols of `name/key.h`.
//
//     word   | 3 | fresh 1 | offset 10 | bitmap 48 | tag 2 |     branch: offset of the deciding symbol, existing twigs
//     ref    index of the first twig; twigs lie side by side in symbol order: a popcount gives the place of a twig
//
//     word   | marks 62                        | tag 2 |         leaf: the owner of the tree defines the marks
//     ref    index of the leaf record in the arena of words
//
// The bitmap is stored with the reference, among the twigs of the parent: each level costs one cache line. References
// are 32-bit indexes, never pointers; the tree is position-independent and half the size.
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

  // Fresh: the current edit made the twigs. No reader sees them, and they may be changed in place. Never set in a
  // published version.
  bool is_fresh() const { return (word() & kFresh) != 0; }
  Node fresh() const { return Node(word() | kFresh, ref_); }
  Node sealed() const { return Node(word() & ~kFresh, ref_); }

  // The position of the twig of `symbol`, or of the next twig above it if it has none.
  unsigned place(Symbol symbol) const {
    return static_cast<unsigned>(std::popcount(word() & ((std::uint64_t{4} << symbol) - 4)));
  }

  friend bool operator==(Node, Node) = default;

 private:
  static constexpr std::uint32_t kBranch = 1, kLeaf = 2;  // one bit each: a single test is enough
  static constexpr unsigned kOffsetShift = 50;
  static constexpr std::uint64_t kFresh = std::uint64_t{1} << 60;
  static constexpr std::uint64_t kBitmapMask = (std::uint64_t{1} << kSymbols) - 1;

  Node(std::uint64_t word, std::uint32_t ref)
      : low_(static_cast<std::uint32_t>(word)), high_(static_cast<std::uint32_t>(word >> 32)), ref_(ref) {}
  std::uint64_t word() const {
    if constexpr (std::endian::native == std::endian::little) {
      std::uint64_t word = 0;  // one load for both halves, which compilers do not find by themselves
      __builtin_memcpy(&word, this, sizeof word);
      return word;
    }
    return std::uint64_t{high_} << 32 | low_;
  }

  std::uint32_t low_ = 0, high_ = 0, ref_ = 0;  // halves: a 64-bit member would pad the node to 16 bytes
};
static_assert(sizeof(Node) == 12);

}  // namespace dns
