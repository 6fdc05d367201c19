#include "zone/file/lines.h"

#include <bit>
#include <cstring>

#include "zone/file/scan.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace dns {
namespace {

constexpr std::size_t kBlock = 64;

constexpr bool is_odd(char c) { return c == '"' || c == '(' || c == ')' || c == ';' || c == '\\'; }

// What 64 octets are, one bit each.
struct Masks {
  std::uint64_t line_end = 0, blank = 0, odd = 0;
};

[[maybe_unused]] Masks classify_plainly(const char* block) {
  Masks masks;
  for (std::size_t i = 0; i < kBlock; ++i) {
    masks.line_end |= std::uint64_t{block[i] == '\n'} << i;
    masks.blank |= std::uint64_t{is_blank(block[i])} << i;
    masks.odd |= std::uint64_t{is_odd(block[i])} << i;
  }
  return masks;
}

#if defined(__SSE2__)
// SSE2 is part of every x86-64 machine: no question at run time.
Masks classify(const char* block) {
  const auto is = [](__m128i octets, char c) { return _mm_cmpeq_epi8(octets, _mm_set1_epi8(c)); };
  Masks masks;
  for (std::size_t i = 0; i < kBlock; i += 16) {
    __m128i octets;
    std::memcpy(&octets, block + i, sizeof octets);
    const __m128i blank = _mm_or_si128(_mm_or_si128(is(octets, ' '), is(octets, '\t')), is(octets, '\r'));
    const __m128i parenthesis = is(_mm_or_si128(octets, _mm_set1_epi8(1)), ')');  // '(' and ')' differ in the last bit
    const __m128i odd = _mm_or_si128(_mm_or_si128(parenthesis, is(octets, '"')), _mm_or_si128(is(octets, ';'), is(octets, '\\')));
    const auto bits = [i](__m128i mask) { return std::uint64_t{static_cast<std::uint16_t>(_mm_movemask_epi8(mask))} << i; };
    masks.line_end |= bits(is(octets, '\n'));
    masks.blank |= bits(blank);
    masks.odd |= bits(odd);
  }
  return masks;
}
#else
Masks classify(const char* block) { return classify_plainly(block); }
#endif

// Appends the places of the bits of `mask`, by eights: the bits are few, and a loop that ends at the exact count would
// be guessed wrong at most blocks. What is written beyond the count is overwritten next.
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

template <class Classify>
void cut(std::string_view text, Cuts& cuts, Classify classify_block) {
  cuts.count = cuts.odd_count = 0;
  std::uint64_t in_word = 0;  // 1: the octet before the block is part of a token
  for (std::size_t base = 0; base < text.size(); base += kBlock) {
    char padded[kBlock];
    const char* block = text.data() + base;
    const std::size_t left = text.size() - base;
    if (left < kBlock) {
      std::memset(padded, ' ', kBlock);
      std::memcpy(padded, block, left);
      block = padded;
    }
    const Masks masks = classify_block(block);
    const std::uint64_t word = ~(masks.line_end | masks.blank);
    const std::uint64_t turns = (word ^ (word << 1 | in_word)) | masks.line_end;
    in_word = word >> 63;
    cuts.count += append_bits(&cuts.at[cuts.count], turns, static_cast<std::uint32_t>(base));
    if (masks.odd != 0) cuts.odd_count += append_bits(&cuts.odd[cuts.odd_count], masks.odd, static_cast<std::uint32_t>(base));
  }
  if (in_word != 0) cuts.at[cuts.count++] = static_cast<std::uint32_t>(text.size());
}

}  // namespace

void find_cuts(std::string_view text, Cuts& cuts) {
  cut(text, cuts, [](const char* block) { return classify(block); });
}

void find_cuts_plainly(std::string_view text, Cuts& cuts) {
  cut(text, cuts, [](const char* block) { return classify_plainly(block); });
}

}  // namespace dns
