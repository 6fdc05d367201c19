// Memory for what comes by the hundred thousand, each some hundred octets or a few thousand, and is read at random:
// small zones.
//
//     slab of 2 MiB    | head | block | block | free | block ...        | not begun |
//
// Blocks are whole lines of the cache. From the second slab on memory is asked for in huge pages, so that a block costs
// one miss and not a miss of the TLB besides; the first, of which only what is used becomes resident, does for who has
// few of them. What was allocated one after the other lies side by side. A free block waits for one of its size; a slab
// of which all is free goes back to the system.
//
// As the heap is, the slabs are one for the process. Any thread: allocating and freeing hold a lock, for a moment.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "zone/base/lock.h"

namespace dns {

inline constexpr std::size_t kCacheLine = 64;

class SlabAllocator {
 public:
  static constexpr std::size_t kLargest = 8192;  // octets of a block

  SlabAllocator() = default;
  ~SlabAllocator();  // of which all was freed
  SlabAllocator(const SlabAllocator&) = delete;
  SlabAllocator& operator=(const SlabAllocator&) = delete;

  // At most kLargest octets, from a line's beginning; never null: aborts where the system has no memory.
  void* allocate(std::size_t bytes);
  // `bytes` as allocated.
  void free(void* memory, std::size_t bytes);

  // Octets that the system gave.
  std::size_t held() const;

 private:
  static constexpr std::size_t kSlab = std::size_t{2} << 20;  // a huge page
  struct Slab;
  struct Free;

  static Slab& slab_of(void* block);
  Slab& slab_with(std::size_t lines);
  void link(void* memory, std::size_t lines);
  void unlink(Free& block);
  void clear(Slab& slab);

  mutable Lock lock_;
  std::array<Free*, kLargest / kCacheLine + 1> free_{};  // by lines
  Slab* current_ = nullptr;                              // where blocks are made
  std::size_t count_ = 0;
};

// Of the process's slabs; larger blocks, of the heap.
void* allocate_block(std::size_t bytes);
// `bytes` as allocated.
void free_block(void* memory, std::size_t bytes);

// For what the standard library allocates, one at a time.
template <class T>
struct BlockAllocator {
  using value_type = T;
  BlockAllocator() = default;
  template <class U>
  BlockAllocator(const BlockAllocator<U>&) {}  // NOLINT: allocators convert

  T* allocate(std::size_t count) { return static_cast<T*>(allocate_block(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) { free_block(memory, count * sizeof(T)); }
  friend bool operator==(BlockAllocator, BlockAllocator) { return true; }
};

}  // namespace dns
