// ASCII case folding and the characters of presentation form. DNS folds A-Z only (RFC 4343).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "zone/base/bytes.h"

namespace dns {

constexpr std::uint8_t fold(std::uint8_t octet) {
  return octet >= 'A' && octet <= 'Z' ? static_cast<std::uint8_t>(octet | 0x20) : octet;
}

// Folds eight octets at once; octets above 0x7f stay as they are.
constexpr std::uint64_t fold8(std::uint64_t octets) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  const std::uint64_t low = octets & ~kHigh;
  const std::uint64_t from_a = low + kOnes * (0x80 - 'A'), past_z = low + kOnes * (0x80 - 'Z' - 1);
  const std::uint64_t upper = (from_a & ~past_z & ~octets & kHigh) >> 2;
  return octets | upper;
}

// True if two words of eight octets are equal, ignoring case. Equal words, the common case, are not folded.
constexpr bool equal_fold8(std::uint64_t a, std::uint64_t b) { return a == b || fold8(a) == fold8(b); }

// The first four and the last four of four to eight octets; they may overlap.
inline std::uint64_t load_ends(Bytes octets) {
  std::uint32_t first = 0, last = 0;
  std::memcpy(&first, octets.data(), 4);
  std::memcpy(&last, octets.data() + octets.size() - 4, 4);
  return std::uint64_t{last} << 32 | first;
}

inline bool equal_fold(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  const auto equal_at = [&](std::size_t at) {
    std::uint64_t x = 0, y = 0;
    std::memcpy(&x, a.data() + at, 8);
    std::memcpy(&y, b.data() + at, 8);
    return equal_fold8(x, y);
  };
  if (a.size() < 8) {
    if (a.size() >= 4) return equal_fold8(load_ends(a), load_ends(b));
    for (std::size_t at = 0; at < a.size(); ++at)
      if (fold(a[at]) != fold(b[at])) return false;
    return true;
  }
  for (std::size_t at = 0; at + 8 < a.size(); at += 8)
    if (!equal_at(at)) return false;
  return equal_at(a.size() - 8);  // may overlap the last word
}

// Writes `octets`, folded, to `out`.
inline void fold_into(std::uint8_t* out, Bytes octets) {
  const auto fold_at = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, octets.data() + at, 8);
    word = fold8(word);
    std::memcpy(out + at, &word, 8);
  };
  if (octets.size() < 8) {
    for (std::size_t at = 0; at < octets.size(); ++at) out[at] = fold(octets[at]);
    return;
  }
  for (std::size_t at = 0; at + 8 < octets.size(); at += 8) fold_at(at);
  fold_at(octets.size() - 8);
}

inline bool equal_fold(std::string_view a, std::string_view b) { return equal_fold(as_bytes(a), as_bytes(b)); }

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The value of a hexadecimal digit, or -1.
constexpr int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace dns
