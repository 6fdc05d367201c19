// An array of many small elements with 32-bit indexes that never moves: readers follow indexes while one writer
// appends.
//
//     chunk 0        chunk 1        chunk 2                 chunk 3
//     [0, F)         [F, 2F)        [2F, 4F)                [4F, 8F) ...          F = 2^kFirstBits
//
// The bit width of an index gives its chunk. The stored pointer of a chunk is its address minus its first index;
// therefore an access costs one count of leading zeros, one load and one addition. A chunk is allocated when it is
// first needed, and its pages become resident when they are first written: a large arena wastes at most a page, a small
// one less than half of its size. Elements that are allocated together lie side by side in one chunk; if the rest of a
// chunk is too short, it is skipped.
//
// An arena may begin with elements that were made elsewhere and lie in one piece, for example in a mapped file
// (`adopt`). That piece then serves as its first chunks. `adopt_copy` does the same with a copy of another arena,
// without space for more.
//
// One writer allocates; any thread reads the elements that were published to it. The arena never constructs or destroys
// elements. It frees memory only at its own end; a user that wants reuse keeps lists of free runs.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

#include "zone/base/pages.h"

namespace dns {

class ArenaFull final : public std::bad_alloc {
 public:
  const char* what() const noexcept override { return "an arena holds at most 2^32 elements"; }
};

template <class T, unsigned kFirstBits>
class Arena {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  Arena() = default;
  ~Arena() {
    for (unsigned chunk = adopted_; chunk < kChunks; ++chunk)
      if (biased_[chunk] != nullptr) free_pages(biased_[chunk] + first_of(chunk), size_of(chunk) * sizeof(T));
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  T* at(std::uint32_t index) { return biased_[chunk_of(index)] + index; }
  const T* at(std::uint32_t index) const { return biased_[chunk_of(index)] + index; }
  T& operator[](std::uint32_t index) { return *at(index); }
  const T& operator[](std::uint32_t index) const { return *at(index); }

  // Returns the index of the first of `count` elements side by side, not cleared. Throws ArenaFull if 2^32 indexes are
  // exhausted.
  std::uint32_t allocate(std::uint32_t count) {
    unsigned chunk = chunk_of(static_cast<std::uint32_t>(next_));
    while (next_ + count > first_of(chunk) + size_of(chunk)) {
      ++chunk;
      if (chunk == kChunks) throw ArenaFull();
      next_ = first_of(chunk);
    }
    if (biased_[chunk] == nullptr) [[unlikely]]
      open(chunk);
    const auto index = static_cast<std::uint32_t>(next_);
    next_ += count;
    used_ += count;
    return index;
  }

  // For an arena without allocations: its first `count` elements are those at `memory`, which has space for
  // `capacity_for(count)` and must outlive the arena. At most 2^32 elements.
  void adopt(void* memory, std::uint64_t count) {
    if (count == 0) return;
    adopted_ = chunk_of(static_cast<std::uint32_t>(count - 1)) + 1;
    for (unsigned chunk = 0; chunk < adopted_; ++chunk) biased_[chunk] = static_cast<T*>(memory);
    next_ = used_ = count;
  }
  // The same with copies of all elements of `from`, at `memory`, which has space for `from.span_bytes()` and no more.
  void adopt_copy(const Arena& from, void* memory) {
    const std::uint64_t count = from.next_;
    if (count == 0) return;
    adopt(memory, count);
    for (std::uint64_t index = 0; index < count;) {
      const unsigned chunk = chunk_of(static_cast<std::uint32_t>(index));
      const std::uint64_t end = std::min(count, first_of(chunk) + size_of(chunk));
      if (from.biased_[chunk] != nullptr)
        std::memcpy(at(static_cast<std::uint32_t>(index)), from.at(static_cast<std::uint32_t>(index)),
                    (end - index) * sizeof(T));
      index = end;
    }
    next_ = first_of(adopted_ - 1) + size_of(adopted_ - 1);
    used_ = from.used_;
  }
  // Octets of all elements side by side, including skipped ones.
  std::uint64_t span_bytes() const { return next_ * sizeof(T); }
  // How many elements the chunks hold that are needed for the first `count`.
  static std::uint64_t capacity_for(std::uint64_t count) {
    if (count == 0) return 0;
    const unsigned last = chunk_of(static_cast<std::uint32_t>(count - 1));
    return first_of(last) + size_of(last);
  }

  std::uint64_t bytes() const { return used_ * sizeof(T); }

 private:
  static constexpr unsigned kChunks = 33 - kFirstBits;

  static unsigned chunk_of(std::uint32_t index) {
    // The bit width minus one as an XOR, which compilers turn into a single instruction.
    const std::uint32_t wide = index | ((1U << kFirstBits) - 1);
    return (static_cast<unsigned>(std::countl_zero(wide)) ^ 31U) + 1 - kFirstBits;
  }
  static std::uint64_t first_of(unsigned chunk) {
    return chunk == 0 ? 0 : std::uint64_t{1} << (kFirstBits + chunk - 1);
  }
  static std::uint64_t size_of(unsigned chunk) {
    return std::uint64_t{1} << (kFirstBits + chunk - (chunk == 0 ? 0 : 1));
  }

  void open(unsigned chunk) {
    biased_[chunk] = static_cast<T*>(allocate_pages(size_of(chunk) * sizeof(T))) - first_of(chunk);
  }

  std::array<T*, kChunks> biased_{};
  std::uint64_t next_ = 0;
  std::uint64_t used_ = 0;
  unsigned adopted_ = 0;  // chunks that the arena does not free
};

}  // namespace dns
