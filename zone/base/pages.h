// Memory for arenas and big tables: small blocks from the heap, big ones from the system, in huge pages where it has
// them.
//
// A tree of millions of names is read at random: with 4 KiB pages every level costs a TLB miss beside the cache miss.
// Pages of a block become resident when they are first written, and a big block that is freed goes back to the system
// at once, so that what a load needs for a while is not held for ever. Any thread.
#pragma once

#include <cstddef>

namespace dns {

// Never null: aborts where the system has no memory.
void* allocate_pages(std::size_t bytes);
// `bytes` as allocated.
void free_pages(void* memory, std::size_t bytes);

// The same from the system, whole huge pages that begin with one: `bytes` is a multiple of kHugePage. Usual pages for
// what may stay small.
inline constexpr std::size_t kHugePage = std::size_t{2} << 20;
enum class PageSize { kUsual, kHuge };
void* map_aligned(std::size_t bytes, PageSize wanted);
void unmap_aligned(void* memory, std::size_t bytes);

// For the vectors of a load.
template <class T>
struct PageAllocator {
  using value_type = T;
  PageAllocator() = default;
  template <class U>
  PageAllocator(const PageAllocator<U>&) {}  // NOLINT: allocators convert

  T* allocate(std::size_t count) { return static_cast<T*>(allocate_pages(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t count) { free_pages(memory, count * sizeof(T)); }
  friend bool operator==(PageAllocator, PageAllocator) { return true; }
};

}  // namespace dns
