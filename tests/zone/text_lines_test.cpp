#include <algorithm>
#include <memory>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "zone/text/lines.h"

using namespace dns;

namespace {

std::string text_of(const TokenBounds& bounds) {
  std::string out;
  for (std::size_t i = 0; i < bounds.count; ++i) out += std::to_string(bounds.at[i]) + " ";
  out += "|";
  for (std::size_t i = 0; i < bounds.special_count; ++i) out += " " + std::to_string(bounds.special[i]);
  return out;
}

}  // namespace

TEST_CASE("lines: finds token bounds, line ends and special octets") {
  struct Row {
    std::string_view text, bounds;
  };
  static constexpr Row rows[] = {
      {"", "|"},
      {"\n", "0 |"},
      {"www 300\n", "0 3 4 7 |"},
      {" A\t1 \n", "1 2 3 4 5 |"},
      {"a\r\nb", "0 1 2 3 4 |"},
      {"a (b) ; \"c\\\n", "0 1 2 5 6 7 8 11 | 2 4 6 8 10"},
  };
  const auto bounds = std::make_unique<TokenBounds>();
  for (const Row& row : rows) {
    CAPTURE(row.text);
    for (const SimdLevel level : simd_levels()) {
      find_token_bounds(level, row.text, *bounds);
      CHECK(text_of(*bounds) == row.bounds);
    }
  }
}

TEST_CASE("lines: every SIMD level classifies each octet the same") {
  for (const SimdLevel level : simd_levels()) {
    for (unsigned octet = 0; octet < 256; ++octet) {
      std::array<char, kBlock> block;
      block.fill('a');
      for (std::size_t at = octet % 7; at < kBlock; at += 7) block[at] = static_cast<char>(octet);
      Masks plain, masks;
      classify(SimdLevel::kPlain, block.data(), 1, &plain);
      classify(level, block.data(), 1, &masks);
      CHECK(masks.line_end == plain.line_end);
      CHECK(masks.blank == plain.blank);
      CHECK(masks.special == plain.special);
    }
  }
}

TEST_CASE("lines: every SIMD level finds the same bounds in random text") {
  std::mt19937 random(20261122);  // fixed seed: a failure can be reproduced
  const auto fast = std::make_unique<TokenBounds>(), plain = std::make_unique<TokenBounds>();
  static constexpr std::string_view kCommon = " \t\r\n\n()\";\\aaaaaaaa.109";
  for (int round = 0; round < 400; ++round) {
    std::string text(random() % (round % 20 == 0 ? kWindow + 1 : 300), ' ');
    for (char& c : text) c = random() % 10 == 0 ? static_cast<char>(random()) : kCommon[random() % kCommon.size()];
    find_token_bounds(SimdLevel::kPlain, text, *plain);
    for (const SimdLevel level : simd_levels()) {
      find_token_bounds(level, text, *fast);
      REQUIRE(fast->count == plain->count);
      REQUIRE(fast->special_count == plain->special_count);
      REQUIRE(std::equal(fast->at, fast->at + fast->count, plain->at));
      REQUIRE(fast->line_count == plain->line_count);
      REQUIRE(std::equal(fast->line, fast->line + fast->line_count, plain->line));
      REQUIRE(std::equal(fast->special, fast->special + fast->special_count, plain->special));
    }
  }
}
