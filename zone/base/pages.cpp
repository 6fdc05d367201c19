#include "zone/base/pages.h"

#include <sys/mman.h>

#include <new>

namespace dns {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
// From here on the rest of a last huge page is small against the block.
constexpr std::size_t kHugeBlock = 8 * kHugePage;

}  // namespace

void* allocate_pages(std::size_t bytes) {
  if (bytes < kHugeBlock) return ::operator new(bytes);
  void* const memory = ::operator new(bytes, std::align_val_t{kHugePage});
  ::madvise(memory, bytes, MADV_HUGEPAGE);  // advice: where it is refused, all works as before
  return memory;
}

void free_pages(void* memory, std::size_t bytes) {
  if (bytes < kHugeBlock) return ::operator delete(memory);
  ::operator delete(memory, std::align_val_t{kHugePage});
}

}  // namespace dns
