// Memory for hundreds of thousands of small objects that are read at random: small zones, each of some hundred to a few
// thousand octets.
//
//     slab of 2 MiB    | head | block | block | free | block ...        | unused     |
//
// Blocks are whole cache lines. From the second slab on, slabs are huge pages: reading a block costs one cache miss and
// no TLB miss. The first slab uses normal pages, so that a server with few zones uses little memory. Blocks that are
// allocated in sequence lie side by side. A free block is reused for a block of the same size. A slab whose blocks are
// all free goes back to the system.
//
// The process has one set of slabs, as it has one heap. Any thread: allocate and free hold a lock for a short time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "zone/base/lock.h"

namespace dns {

inline constexpr std::size_t kCacheLine = 64;

class SlabAllocator {
 public:
  static constexpr std::size_t kLargest = 8192;  // largest block in octets

  SlabAllocator() = default;
  ~SlabAllocator();  // all blocks have been freed
  SlabAllocator(const SlabAllocator&) = delete;
  SlabAllocator& operator=(const SlabAllocator&) = delete;

  // At most kLargest octets, aligned to a cache line. Never null: aborts if the system has no memory.
  void* allocate(std::size_t bytes);
  // `bytes` is the size passed to allocate.
  void free(void* memory, std::size_t bytes);

  // Octets obtained from the system.
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
  std::array<Free*, kLargest / kCacheLine + 1> free_{};  // by their number of cache lines
  Slab* current_ = nullptr;                              // new blocks come from this slab
  std::size_t count_ = 0;
};

// A block from the slabs of the process; a block larger than kLargest comes from the heap.
void* allocate_block(std::size_t bytes);
// `bytes` is the size passed to allocate_block.
void free_block(void* memory, std::size_t bytes);

// An allocator for objects that the standard library allocates one at a time.
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
