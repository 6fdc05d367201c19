#include "zone/base/pages.h"

#include <sys/mman.h>

#include <cstdint>
#include <memory>
#include <new>

namespace dns {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kMinMapped = std::size_t{1} << 20;  // larger blocks are mapped, smaller ones come from the heap
constexpr std::size_t kMinHuge = 8 * kHugePage;  // in larger blocks the unused rest of the last huge page is small

std::size_t round_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

std::uint8_t* map(std::size_t bytes) {
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::uint8_t*>(memory);
}

}  // namespace

void* map_aligned(std::size_t bytes, PageSize wanted) {
  std::uint8_t* const memory = map(bytes + kHugePage);
  void* aligned = memory;
  std::size_t space = bytes + kHugePage;
  std::align(kHugePage, bytes, aligned, space);
  const auto before = bytes + kHugePage - space, after = space - bytes;
  if (before != 0) ::munmap(memory, before);
  if (after != 0) ::munmap(static_cast<std::uint8_t*>(aligned) + bytes, after);
  if (wanted == PageSize::kHuge) ::madvise(aligned, bytes, MADV_HUGEPAGE);  // only advice: a refusal changes nothing
  return aligned;
}

void unmap_aligned(void* memory, std::size_t bytes) { ::munmap(memory, bytes); }

void* allocate_pages(std::size_t bytes) {
  if (bytes >= kMinHuge) return map_aligned(round_up(bytes, kHugePage), PageSize::kHuge);
  return bytes >= kMinMapped ? map(round_up(bytes, kPage)) : ::operator new(bytes);
}

void free_pages(void* memory, std::size_t bytes) {
  if (bytes < kMinMapped) return ::operator delete(memory);
  ::munmap(memory, round_up(bytes, bytes >= kMinHuge ? kHugePage : kPage));
}

}  // namespace dns
