// Readers of the common fields of plain lines, for the types that fill large zones. Each accepts only the common
// correct form. For all other text it returns 0 or false, and the readers of zone/field decide.
//
// Input texts must have at least kSlack readable octets behind them, because octets are loaded in whole words. Outputs
// need the same room. Pure; about a nanosecond for eight octets.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "zone/base/ascii.h"
#include "zone/name/name.h"

namespace dns {

inline constexpr std::size_t kSlack = 64;

// Eight octets from `at`, the first lowest.
inline std::uint64_t word_at(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

// The first `size` octets, up to eight, as a number; zeros behind them.
inline std::uint64_t short_word(const char* at, std::size_t size) {
  return size >= 8 ? word_at(at) : word_at(at) & ((std::uint64_t{1} << 8 * size) - 1);
}

// Bit i is set if octet i of eight is the same in both.
constexpr std::uint64_t equal_octets(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kLow = 0x7f7f7f7f7f7f7f7f;
  const std::uint64_t other = a ^ b, equal = ~(((other & kLow) + kLow) | other | kLow) >> 7;
  return equal * 0x0102040810204080 >> 56;
}

// Bit i is set if octet i of 32 is `c`.
inline std::uint64_t places_of(char c, const char* at) {
#if defined(__SSE2__)
  __m128i first, second;
  std::memcpy(&first, at, sizeof first);
  std::memcpy(&second, at + 16, sizeof second);
  const __m128i wanted = _mm_set1_epi8(c);
  const auto low = _mm_movemask_epi8(_mm_cmpeq_epi8(first, wanted));
  const auto high = _mm_movemask_epi8(_mm_cmpeq_epi8(second, wanted));
  return static_cast<std::uint32_t>(low) | std::uint64_t{static_cast<std::uint32_t>(high)} << 16;
#else
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::uint64_t places = 0;
  for (unsigned i = 0; i < 32; i += 8)
    places |= equal_octets(word_at(at + i), kOnes * static_cast<std::uint8_t>(c)) << i;
  return places;
#endif
}

// Bit i is set if octet i of 32 is the same in both.
inline std::uint64_t same_places(const char* a, const char* b) {
#if defined(__SSE2__)
  std::uint64_t places = 0;
  for (unsigned i = 0; i < 32; i += 16) {
    __m128i x, y;
    std::memcpy(&x, a + i, sizeof x);
    std::memcpy(&y, b + i, sizeof y);
    places |= std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(x, y)))} << i;
  }
  return places;
#else
  std::uint64_t places = 0;
  for (unsigned i = 0; i < 32; i += 8) places |= equal_octets(word_at(a + i), word_at(b + i)) << i;
  return places;
#endif
}

// True if an octet of the text is not ASCII.
inline bool has_high_octets(std::string_view text) {
  std::uint64_t all = 0;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) all |= word_at(text.data() + at);
  return ((all | short_word(text.data() + at, text.size() - at)) & 0x8080808080808080) != 0;
}

// Writes the wire form of a name of less than 64 octets without escapes to `out`. Returns its size; 0 for other names.
inline std::size_t plain_name(std::string_view text, NameView origin, std::uint8_t* out) {
  const std::size_t size = text.size();
  if (size >= kSlack) return 0;
  if (size == 1 && (text[0] == '@' || text[0] == '.')) {
    const NameView name = text[0] == '@' ? origin : NameView();
    std::memcpy(out, name.data(), name.size());
    return name.size();
  }
  const char* const octets = text.data();
  std::memcpy(out + 1, octets, 32);
  std::uint64_t dots = places_of('.', octets);
  if (size > 32) {
    std::memcpy(out + 33, octets + 32, 32);
    dots |= places_of('.', octets + 32) << 32;
  }
  dots &= (std::uint64_t{1} << size) - 1;
  if ((dots & (dots << 1 | 1)) != 0) return 0;  // an empty label; a label cannot be too long here
  // The length of each label replaces the dot before it; the end of the text counts as one more dot. Four labels per
  // round: more are rare, and a loop over the exact number would mispredict. With fewer labels the round also writes
  // behind the name.
  std::uint64_t ends = dots | std::uint64_t{1} << size;
  std::size_t label = 0;
  do {
    for (int i = 0; i < 4; ++i) {
      const auto end = static_cast<std::size_t>(std::countr_zero(ends | std::uint64_t{1} << 63));
      out[label] = static_cast<std::uint8_t>(end - label);
      label = end + 1;
      ends &= ends - 1;
    }
  } while (ends != 0);
  if ((dots >> (size - 1) & 1) != 0) return size + 1;
  std::memcpy(out + size + 1, origin.data(), origin.size());
  return size + 1 + origin.size() <= kMaxName ? size + 1 + origin.size() : 0;
}

// A decimal number of up to nine digits.
inline bool plain_number(std::string_view text, std::uint32_t& value) {
  if (text.empty() || text.size() > 9) return false;
  std::uint32_t sum = 0;
  for (const char c : text) {
    const auto digit = static_cast<std::uint32_t>(c - '0');
    if (digit > 9) return false;
    sum = sum * 10 + digit;
  }
  value = sum;
  return true;
}

// Dotted decimal to four octets. No branch depends on the digits, because it would be mispredicted.
inline bool plain_ipv4(std::string_view text, std::uint8_t* out) {
  const std::size_t size = text.size();
  if (size < 7 || size > 15) return false;
  const char* const octets = text.data();
  std::uint64_t dots = places_of('.', octets) & ((std::uint64_t{1} << size) - 1);
  if (std::popcount(dots) != 3) return false;
  dots |= std::uint64_t{1} << size;
  std::size_t begin = 0;
  std::uint64_t wrong = 0;
  for (std::size_t part = 0; part < 4; ++part) {
    const auto end = static_cast<std::size_t>(std::countr_zero(dots));
    dots &= dots - 1;
    const std::size_t length = end - begin;
    wrong |= length - 1 > 2 ? 1 : 0;
    // Up to three digits in the upper octets, padded with zeros.
    const auto digits = static_cast<std::uint32_t>((word_at(octets + begin) ^ 0x30303030) << (32 - 8 * (length & 3)));
    const std::uint32_t hundreds = digits >> 8 & 0xff, tens = digits >> 16 & 0xff, ones = digits >> 24;
    const std::uint32_t value = hundreds * 100 + tens * 10 + ones;
    wrong |= ((digits + 0x76767676) | digits) & 0x80808080;  // more than 9
    wrong |= value > 255 ? 1 : 0;
    wrong |= length > 1 && text[begin] == '0' ? 1 : 0;
    out[part] = static_cast<std::uint8_t>(value);
    begin = end + 1;
  }
  return wrong == 0;
}

// Groups of hexadecimal digits with at most one "::", no dotted tail, to sixteen octets.
inline bool plain_ipv6(std::string_view text, std::uint8_t* out) {
  if (text.size() < 2 || text.size() > 39) return false;
  std::uint8_t groups[16];
  std::size_t size = 0, gap = 17;
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at[0] == ':') {
    if (at[1] != ':') return false;
    gap = 0;
    at += 2;
  }
  while (at < end) {
    unsigned value = 0;
    const char* const begin = at;
    for (int digit = 0; (digit = hex_digit(*at)) >= 0; ++at) value = value << 4 | static_cast<unsigned>(digit);
    if (at == begin || at - begin > 4 || size == 16) return false;
    store16(groups + size, static_cast<std::uint16_t>(value));
    size += 2;
    if (at == end) break;
    if (*at++ != ':' || at == end) return false;
    if (*at != ':') continue;
    if (gap <= 16) return false;
    gap = size;
    ++at;
  }
  if (gap > 16) {
    if (size != 16) return false;
    std::memcpy(out, groups, 16);
    return true;
  }
  if (size > 14) return false;
  std::memset(out, 0, 16);
  std::memcpy(out, groups, gap);
  std::memcpy(out + 16 - (size - gap), groups + gap, size - gap);
  return true;
}

// The values of eight hexadecimal digits. Sets bits of `wrong` for other characters.
inline std::uint64_t hex_digits(std::uint64_t digits, std::uint64_t& wrong) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = kOnes << 7;
  const std::uint64_t low = digits & ~kHigh;
  const auto at_least = [low](std::uint64_t c) { return low + kOnes * (0x80 - c); };  // in the highest bits
  const std::uint64_t digit = at_least('0') & ~at_least('9' + 1), folded = low | kOnes * 0x20;
  const std::uint64_t letter = (folded + kOnes * (0x80 - 'a')) & ~(folded + kOnes * (0x80 - ('f' + 1)));
  wrong |= (~(digit | letter) | digits) & kHigh;
  return (low & kOnes * 0x0f) + (letter >> 7 & kOnes) * 9;
}

// Pairs of hexadecimal digits. Returns the number of octets written; 0 for other text.
inline std::size_t plain_hex(std::string_view text, std::uint8_t* out) {
  if (text.size() % 2 != 0) return 0;
  std::uint64_t wrong = 0;
  for (std::size_t at = 0; at < text.size(); at += 8) {
    const std::size_t size = std::min<std::size_t>(8, text.size() - at);
    constexpr std::uint64_t kZeros = 0x3030303030303030;
    const std::uint64_t digits =
        size == 8 ? word_at(text.data() + at) : short_word(text.data() + at, size) | kZeros << 8 * size;
    const std::uint64_t values = hex_digits(digits, wrong);
    // Each pair becomes an octet at the place of its second digit. The four octets are then stored side by side.
    const std::uint64_t pairs = values << 12 | values;
    out[at / 2] = static_cast<std::uint8_t>(pairs >> 8);
    out[at / 2 + 1] = static_cast<std::uint8_t>(pairs >> 24);
    out[at / 2 + 2] = static_cast<std::uint8_t>(pairs >> 40);
    out[at / 2 + 3] = static_cast<std::uint8_t>(pairs >> 56);
  }
  return wrong != 0 ? 0 : text.size() / 2;
}

}  // namespace dns
