// Allocates cells and words for one worker of a load: directly from the store, or in blocks if several workers load at
// once.
//
// The workers share a lock and take a block under it, which is rare. The unused rest of the last block is never written
// and therefore uses no memory. The store must outlive its allocators.
#pragma once

#include "zone/base/lock.h"
#include "zone/tree/store.h"

namespace dns {

class StoreAllocator {
 public:
  // `lock` is shared by the workers; null if there is only one.
  StoreAllocator(TreeStore& store, Lock* lock) : store_(&store), lock_(lock) {}

  TreeStore& store() { return *store_; }
  std::uint32_t cells(std::uint32_t count) {
    return take(cells_, count, [this](std::uint32_t size) { return store_->allocate_cells(size); });
  }
  std::uint32_t words(std::uint32_t count) {
    return take(words_, count, [this](std::uint32_t size) { return store_->allocate_words(size); });
  }

 private:
  static constexpr std::uint32_t kBlock = 16384;
  struct Block {
    std::uint32_t next = 0, left = 0;
  };

  template <class Allocate>
  std::uint32_t take(Block& block, std::uint32_t count, Allocate allocate) {
    if (lock_ == nullptr) return allocate(count);
    if (count > block.left) {
      const LockGuard guard(*lock_);
      if (count >= kBlock / 2) return allocate(count);
      block = {allocate(kBlock), kBlock};
    }
    block.left -= count;
    block.next += count;
    return block.next - count;
  }

  TreeStore* store_;
  Lock* lock_;
  Block cells_, words_;
};

}  // namespace dns
