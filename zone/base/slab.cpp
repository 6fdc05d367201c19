#include "zone/base/slab.h"

#include <bit>
#include <cstdint>
#include <new>

#include "zone/base/pages.h"

namespace dns {
namespace {

constexpr std::size_t lines_of(std::size_t bytes) { return (bytes + kCacheLine - 1) / kCacheLine; }

void* line_at(void* slab, std::size_t line) { return static_cast<std::uint8_t*>(slab) + line * kCacheLine; }

// With AddressSanitizer all blocks come from the heap, so that it can check each of them.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kChecked = true;
#elif defined(__has_feature)
constexpr bool kChecked = __has_feature(address_sanitizer);
#else
constexpr bool kChecked = false;
#endif
constexpr std::size_t kMaxSlabBlock = kChecked ? 0 : SlabAllocator::kLargest;

SlabAllocator& process_slabs() {
  static SlabAllocator* const slabs = new SlabAllocator;  // never destroyed, as the heap
  return *slabs;
}

}  // namespace

// The head of each slab. A slab is aligned to its size; therefore the address of a block gives its slab.
struct SlabAllocator::Slab {
  std::size_t used = 0;  // blocks that are not free
  std::size_t next = 1;  // the first line that was never in a block; the head takes line 0
};

// At the beginning of each free block.
struct SlabAllocator::Free {
  Free* next;
  Free* before;  // null: first in its list
  std::size_t lines;
};

SlabAllocator::~SlabAllocator() {
  if (current_ != nullptr) unmap_aligned(current_, kSlab);
}

void* SlabAllocator::allocate(std::size_t bytes) {
  const std::size_t lines = lines_of(bytes);
  const LockGuard guard(lock_);
  if (Free* const block = free_[lines]; block != nullptr) {
    unlink(*block);
    ++slab_of(block).used;
    return block;
  }
  Slab& slab = slab_with(lines);
  slab.next += lines;
  ++slab.used;
  return line_at(&slab, slab.next - lines);
}

void SlabAllocator::free(void* memory, std::size_t bytes) {
  const LockGuard guard(lock_);
  link(memory, lines_of(bytes));
  Slab& slab = slab_of(memory);
  if (--slab.used == 0) clear(slab);
}

std::size_t SlabAllocator::held() const {
  const LockGuard guard(lock_);
  return count_ * kSlab;
}

SlabAllocator::Slab& SlabAllocator::slab_of(void* block) {
  const auto at = std::bit_cast<std::uintptr_t>(block);
  void* const slab = static_cast<std::uint8_t*>(block) - at % kSlab;
  return *std::launder(static_cast<Slab*>(slab));
}

// The current slab, or a new one if the current slab is too full.
SlabAllocator::Slab& SlabAllocator::slab_with(std::size_t lines) {
  if (current_ != nullptr && current_->next + lines <= kSlab / kCacheLine) return *current_;
  static_assert(kSlab == kHugePage);
  current_ = new (map_aligned(kSlab, count_ == 0 ? PageSize::kNormal : PageSize::kHuge)) Slab;
  ++count_;
  return *current_;
}

void SlabAllocator::link(void* memory, std::size_t lines) {
  Free* const first = free_[lines];
  free_[lines] = new (memory) Free{first, nullptr, lines};
  if (first != nullptr) first->before = free_[lines];
}

void SlabAllocator::unlink(Free& block) {
  (block.before == nullptr ? free_[block.lines] : block.before->next) = block.next;
  if (block.next != nullptr) block.next->before = block.before;
}

// All blocks of the slab are free: returns it to the system, or starts it anew if it is the current slab.
void SlabAllocator::clear(Slab& slab) {
  for (std::size_t line = 1; line < slab.next;) {
    Free& block = *std::launder(static_cast<Free*>(line_at(&slab, line)));
    line += block.lines;
    unlink(block);
  }
  if (&slab == current_) {
    slab.next = 1;
    return;
  }
  unmap_aligned(&slab, kSlab);
  --count_;
}

void* allocate_block(std::size_t bytes) {
  if (bytes > kMaxSlabBlock) return ::operator new(bytes, std::align_val_t{kCacheLine});
  return process_slabs().allocate(bytes);
}

void free_block(void* memory, std::size_t bytes) {
  if (bytes > kMaxSlabBlock) return ::operator delete(memory, std::align_val_t{kCacheLine});
  process_slabs().free(memory, bytes);
}

}  // namespace dns
