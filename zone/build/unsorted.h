// Containers for the leaves of a load before they are sorted.
//
//     UnsortedLeaves    | block | block, twice as large | ...    grows without moving; `take_each` frees each block
//     LeafArray         | leaf | leaf | leaf | ...               fixed size; pages become resident on first write
//
// Millions of leaves take half as much memory as their zone. Therefore at most one block is held twice at any time. One
// thread at a time for each object.
#pragma once

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "zone/tree/sort.h"

namespace dns {

class LeafArray {
 public:
  LeafArray() = default;
  explicit LeafArray(std::size_t size)
      : leaves_(size == 0 ? nullptr : static_cast<UnsortedLeaf*>(allocate_pages(size * sizeof(UnsortedLeaf)))),
        size_(size) {}
  ~LeafArray() {
    if (leaves_ != nullptr) free_pages(leaves_, size_ * sizeof(UnsortedLeaf));
  }
  LeafArray(LeafArray&& other) noexcept
      : leaves_(std::exchange(other.leaves_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  LeafArray& operator=(LeafArray&& other) noexcept {
    std::swap(leaves_, other.leaves_);
    std::swap(size_, other.size_);
    return *this;
  }

  // Uninitialised: write before reading.
  std::span<UnsortedLeaf> leaves() const { return {leaves_, size_}; }

 private:
  static_assert(std::is_trivially_copyable_v<UnsortedLeaf> && std::is_trivially_destructible_v<UnsortedLeaf>);
  UnsortedLeaf* leaves_ = nullptr;
  std::size_t size_ = 0;
};

class UnsortedLeaves {
 public:
  void push_back(const UnsortedLeaf& leaf) {
    if (left_ == 0) open();
    blocks_.back().leaves()[blocks_.back().leaves().size() - left_--] = leaf;
    ++size_;
  }
  std::size_t size() const { return size_; }

  // Visits all leaves in order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t block = 0; block < blocks_.size(); ++block)
      for (const UnsortedLeaf& leaf : written(block)) visit(leaf);
  }
  // The same, and frees each block after its last leaf.
  template <class Visit>
  void take_each(Visit visit) {
    for (std::size_t block = 0; block < blocks_.size(); ++block) {
      for (const UnsortedLeaf& leaf : written(block)) visit(leaf);
      blocks_[block] = {};
    }
    *this = {};
  }

 private:
  static constexpr std::size_t kFirst = 4,
                               kMost = 786'432;  // leaves of a block; the largest block fills nine huge pages

  void open() {
    left_ = blocks_.empty() ? kFirst : std::min(kMost, 2 * blocks_.back().leaves().size());
    blocks_.emplace_back(left_);
  }
  std::span<const UnsortedLeaf> written(std::size_t block) const {
    const std::span<const UnsortedLeaf> leaves = blocks_[block].leaves();
    return block + 1 == blocks_.size() ? leaves.first(leaves.size() - left_) : leaves;
  }

  std::vector<LeafArray> blocks_;
  std::size_t left_ = 0;  // free places of the last block
  std::size_t size_ = 0;
};

}  // namespace dns
