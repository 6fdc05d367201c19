#include "zone/text/lines.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace dns {
namespace {

constexpr std::size_t kBlocks = 32;  // classified at once: their masks stay in the L1 cache

// Appends the positions of the bits of `mask`, in groups of eight: there are few bits, and a loop with the exact count
// would be mispredicted for most blocks. Entries beyond the count are overwritten next.
std::size_t append_bits(std::uint32_t* out, std::uint64_t mask, std::uint32_t base) {
  const auto count = static_cast<std::size_t>(std::popcount(mask));
  for (std::size_t i = 0; i < count; i += 8) {
    for (std::size_t j = 0; j < 8; ++j) {
      out[i + j] = base + static_cast<std::uint32_t>(std::countr_zero(mask));
      mask &= mask - 1;
    }
  }
  return count;
}

class BoundsFinder {
 public:
  explicit BoundsFinder(TokenBounds& bounds) : bounds_(bounds) {
    bounds_.count = bounds_.line_count = bounds_.special_count = 0;
  }

  void take(const Masks& masks) {
    const std::uint64_t word = ~(masks.line_end | masks.blank);
    const std::uint64_t turns = (word ^ (word << 1 | in_word_)) | masks.line_end;
    in_word_ = word >> 63;
    append_lines(masks.line_end, turns);
    bounds_.count += append_bits(&bounds_.at[bounds_.count], turns, base_);
    if (masks.special != 0)
      bounds_.special_count += append_bits(&bounds_.special[bounds_.special_count], masks.special, base_);
    base_ += kBlock;
  }
  void finish(std::size_t size) {
    if (in_word_ != 0) bounds_.at[bounds_.count++] = static_cast<std::uint32_t>(size);
  }

 private:
  // In groups of two: a block seldom has more than two line ends.
  void append_lines(std::uint64_t line_end, std::uint64_t turns) {
    std::uint32_t* out = &bounds_.line[bounds_.line_count];
    bounds_.line_count += static_cast<std::size_t>(std::popcount(line_end));
    do {
      for (int i = 0; i < 2; ++i) {
        const std::uint64_t before = (line_end & (~line_end + 1)) - 1;
        *out++ = static_cast<std::uint32_t>(bounds_.count) + static_cast<std::uint32_t>(std::popcount(turns & before));
        line_end &= line_end - 1;
      }
    } while (line_end != 0);
  }

  TokenBounds& bounds_;
  std::uint64_t in_word_ = 0;  // 1: the octet before the block is part of a token
  std::uint32_t base_ = 0;
};

[[gnu::always_inline]] inline void find_bounds(SimdLevel level, std::string_view text, TokenBounds& bounds) {
  std::array<Masks, kBlocks> masks;
  BoundsFinder finder(bounds);
  std::size_t at = 0;
  while (text.size() - at >= kBlock) {
    const std::size_t count = std::min(kBlocks, (text.size() - at) / kBlock);
    classify(level, text.data() + at, count, masks.data());
    for (std::size_t i = 0; i < count; ++i) finder.take(masks[i]);
    at += count * kBlock;
  }
  if (at < text.size()) {
    std::array<char, kBlock> padded;
    padded.fill(' ');
    std::memcpy(padded.data(), text.data() + at, text.size() - at);
    classify(level, padded.data(), 1, masks.data());
    finder.take(masks.front());
  }
  finder.finish(text.size());
}

#if defined(__x86_64__)
// All processors with AVX2 also have these instructions, which count and clear bits in one step.
[[gnu::target("avx2,bmi,bmi2,lzcnt")]] void find_bounds_bmi(SimdLevel level, std::string_view text,
                                                            TokenBounds& bounds) {
  find_bounds(level, text, bounds);
}
#endif

}  // namespace

void find_token_bounds(SimdLevel level, std::string_view text, TokenBounds& bounds) {
#if defined(__x86_64__)
  if (level == SimdLevel::kAvx2 || level == SimdLevel::kAvx512) return find_bounds_bmi(level, text, bounds);
#endif
  find_bounds(level, text, bounds);
}

}  // namespace dns
