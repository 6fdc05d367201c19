#include <string>

#include <doctest/doctest.h>

#include "zone/field/ttl.h"

using namespace dns;

namespace {

std::string text(const Result<std::uint32_t, TtlError>& ttl) {
  if (ttl) return std::to_string(*ttl);
  return ttl.error().kind == TtlError::Kind::kTooLarge ? "too large" : "malformed";
}

}  // namespace

TEST_CASE("ttl: accepts seconds or numbers with units, and rejects other text") {
  struct Row {
    std::string_view input, seconds;
  };
  static constexpr Row rows[] = {
      {"0", "0"},
      {"3600", "3600"},
      {"1h", "3600"},
      {"1H30M", "5400"},
      {"1w2d3h4m5s", "788645"},
      {"30m1h", "5400"},
      {"0000000000000000000001", "1"},
      {"2147483647", "2147483647"},
      {"24855d3h14m7s", "2147483647"},
      {"2147483648", "too large"},
      {"24855d3h14m8s", "too large"},
      {"99999999999999999999999999", "too large"},
      {"9999999999w", "too large"},
      {"", "malformed"},
      {"h", "malformed"},
      {"1x", "malformed"},
      {"1h30", "malformed"},
      {"-1", "malformed"},
      {"1 ", "malformed"},
      {"1hh", "malformed"},
      {"99999999999999x", "malformed"},
      {"1.5h", "malformed"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.input);
    CHECK(text(parse_ttl(row.input)) == row.seconds);
  }
}

TEST_CASE("ttl: a time field in RDATA may use all 32 bits") {
  constexpr std::uint32_t kAll = 0xffff'ffff;
  CHECK(text(parse_ttl("4294967295", kAll)) == "4294967295");
  CHECK(text(parse_ttl("7101w3d6h28m15s", kAll)) == "4294967295");
  CHECK(text(parse_ttl("4294967296", kAll)) == "too large");
  CHECK(text(parse_ttl("7101w3d6h28m16s", kAll)) == "too large");
}

TEST_CASE("ttl: an error gives the offset of the first invalid octet") {
  static constexpr std::pair<std::string_view, std::size_t> rows[] = {{"", 0},    {"h", 0},    {"1y", 1}, {"1h2m3x", 5},
                                                                      {"1hh", 2}, {"1h30", 2}, {"-1", 0}};
  for (const auto& [input, offset] : rows) {
    CAPTURE(input);
    CHECK(parse_ttl(input).error().offset == offset);
  }
}
