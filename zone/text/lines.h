// Zone text to the places where tokens begin and end: the first stage of the fast path.
//
//     text   www 300 A 192.0.2.1\n          at    0 3 4 7 8 9 10 19          line   7          special    (none)
//
// `at` holds starts and ends in turn; a line's end always stands by itself, and is at once the end of a token that
// touches it: so token t of a line lies between bounds 2t and 2t + 1 of the line's own, whatever stands behind it.
// `line` holds the index in `at` of each line's end. `special` holds each octet that the fast path leaves to the
// careful parser: " ( ) ; \ mean more than themselves.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "zone/text/classify.h"

namespace dns {

inline constexpr std::size_t kSmallText = 2048;  // octets whose bounds need no heap
inline constexpr std::size_t kWindow = 32768;    // octets cut at once: offsets and text stay in the second cache

// Room for the bounds of `octets` octets of text: a small file takes little.
struct TokenBounds {
  explicit TokenBounds(std::size_t octets = kWindow) {
    const std::size_t each = octets + kBlock;
    if (octets > kSmallText) heap_ = std::make_unique_for_overwrite<std::uint32_t[]>(3 * each);
    at = heap_ ? heap_.get() : stack_.data();
    line = at + each;
    special = line + each;
  }
  TokenBounds(const TokenBounds&) = delete;
  TokenBounds& operator=(const TokenBounds&) = delete;

  std::uint32_t *at, *line, *special;
  std::size_t count = 0;
  std::size_t line_count = 0;
  std::size_t special_count = 0;

 private:
  std::unique_ptr<std::uint32_t[]> heap_;
  std::array<std::uint32_t, 3 * (kSmallText + kBlock)> stack_;  // where that is enough: not set
};

// `text` has at most as many octets as `bounds` has room for.
void find_token_bounds(SimdLevel level, std::string_view text, TokenBounds& bounds);

}  // namespace dns
