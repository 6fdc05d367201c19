// Finds where tokens begin and end in zone text: the first stage of the fast path of the parser.
//
//     text   www 300 A 192.0.2.1\n          at    0 3 4 7 8 9 10 19          line   7          special    (none)
//
// `at` holds starts and ends in turn. The end of a line always has an entry of its own, which also ends a token that
// touches it: token t of a line lies between the bounds 2t and 2t + 1 of that line. `line` holds the index in `at` of
// the end of each line. `special` holds the offsets of " ( ) ; \, which the fast path leaves to the full parser.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "zone/text/classify.h"

namespace dns {

inline constexpr std::size_t kSmallText = 2048;  // texts of up to this size need no heap
inline constexpr std::size_t kWindow = 32768;    // octets processed at once: offsets and text stay in the L2 cache

// Storage for the bounds of `octets` octets of text. A small file uses no heap.
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
  std::array<std::uint32_t, 3 * (kSmallText + kBlock)> stack_;  // for small texts; not initialised
};

// `text` has at most as many octets as `bounds` was made for.
void find_token_bounds(SimdLevel level, std::string_view text, TokenBounds& bounds);

}  // namespace dns
