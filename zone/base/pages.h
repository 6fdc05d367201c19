// Memory for arenas and large tables. Small blocks come from the heap, large ones from the system, in huge pages if
// available.
//
// A tree of millions of names is read at random: with 4 KiB pages each level costs a TLB miss in addition to the cache
// miss. Pages of a block become resident when they are first written. A large block goes back to the system as soon as
// it is freed, so that the temporary memory of a load is not kept. Any thread.
#pragma once

#include <cstddef>

namespace dns {

// Never null: throws std::bad_alloc if the system has no memory. A load that fails so is an error of its zone.
void* allocate_pages(std::size_t bytes);
// `bytes` is the size passed to allocate_pages.
void free_pages(void* memory, std::size_t bytes);

// Memory from the system in whole huge pages, aligned to them. `bytes` is a multiple of kHugePage. kNormal uses normal
// pages, for memory that may stay mostly unused.
inline constexpr std::size_t kHugePage = std::size_t{2} << 20;
enum class PageSize { kNormal, kHuge };
void* map_aligned(std::size_t bytes, PageSize wanted);
void unmap_aligned(void* memory, std::size_t bytes);

// An allocator for large vectors during a load.
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
