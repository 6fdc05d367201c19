// Zone text to the places where tokens begin and end: the first stage of the fast path.
//
//     text   www 300 A 192.0.2.1\n          at    0 3 4 7 8 9 10 19          line   7          odd    (none)
//
// `at` holds starts and ends in turn; a line's end always stands by itself, and is at once the end of a token that
// touches it: so token t of a line lies between cuts 2t and 2t + 1 of the line's own, whatever stands behind it. `line` holds
// the index in `at` of each line's end. `odd` holds each octet that the fast path leaves to the careful parser:
// " ( ) ; \ mean more than themselves.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "zone/file/classify.h"

namespace dns {

inline constexpr std::size_t kWindow = 32768;  // octets cut at once: offsets and text stay in the second cache

struct Cuts {
  std::array<std::uint32_t, kWindow + 64> at;
  std::array<std::uint32_t, kWindow + 64> line;
  std::array<std::uint32_t, kWindow + 64> odd;
  std::size_t count = 0;
  std::size_t line_count = 0;
  std::size_t odd_count = 0;
};

// `text` has at most kWindow octets.
void find_cuts(Level level, std::string_view text, Cuts& cuts);

}  // namespace dns
