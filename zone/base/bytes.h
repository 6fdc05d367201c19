// Octets and the big-endian integers among them. Casts between pointer types exist in this file only.
//
// `Bytes` is a view, never an owner. The load and store functions take pointers that the caller has checked; they
// compile to one move and a byte swap. Text and octets are converted here, so that no other file needs a cast.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace dns {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

constexpr std::uint16_t load16(const std::uint8_t* at) { return static_cast<std::uint16_t>(at[0] << 8 | at[1]); }

constexpr std::uint32_t load32(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}

constexpr std::uint64_t load64(const std::uint8_t* at) { return std::uint64_t{load32(at)} << 32 | load32(at + 4); }

constexpr void store16(std::uint8_t* at, std::uint16_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}

constexpr void store32(std::uint8_t* at, std::uint32_t value) {
  store16(at, static_cast<std::uint16_t>(value >> 16));
  store16(at + 2, static_cast<std::uint16_t>(value));
}

constexpr void store64(std::uint8_t* at, std::uint64_t value) {
  store32(at, static_cast<std::uint32_t>(value >> 32));
  store32(at + 4, static_cast<std::uint32_t>(value));
}

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// The octets in the words of an arena.
inline const std::uint8_t* octets_of(const std::uint32_t* words) {
  return reinterpret_cast<const std::uint8_t*>(words);
}
inline std::uint8_t* octets_of(std::uint32_t* words) { return reinterpret_cast<std::uint8_t*>(words); }

inline bool equal(Bytes a, Bytes b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

// Copies a few octets without a call: overlapping moves of the largest size that fits.
inline void copy_octets(std::uint8_t* to, const std::uint8_t* from, std::size_t count) {
  const auto move = [&]<std::size_t kSize>(std::size_t at, std::integral_constant<std::size_t, kSize>) {
    std::memcpy(to + at, from + at, kSize);
  };
  using Sixteen = std::integral_constant<std::size_t, 16>;
  using Eight = std::integral_constant<std::size_t, 8>;
  using Four = std::integral_constant<std::size_t, 4>;
  if (count >= 16) {
    for (std::size_t at = 0; at + 16 < count; at += 16) move(at, Sixteen{});
    move(count - 16, Sixteen{});
  } else if (count >= 8) {
    move(0, Eight{});
    move(count - 8, Eight{});
  } else if (count >= 4) {
    move(0, Four{});
    move(count - 4, Four{});
  } else {
    for (std::size_t at = 0; at < count; ++at) to[at] = from[at];
  }
}

// Lexicographic order of octets; a prefix sorts first (RFC 4034 6.3). Returns a negative number, 0 or a positive
// number.
inline int compare(Bytes a, Bytes b) {
  const std::size_t common = a.size() < b.size() ? a.size() : b.size();
  const int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
  if (order != 0 || a.size() == b.size()) return order;
  return a.size() < b.size() ? -1 : 1;
}

}  // namespace dns
