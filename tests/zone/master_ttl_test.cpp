#include <string>

#include <doctest/doctest.h>

#include "zone/master/ttl.h"

using namespace dns;

namespace {

std::string text(const Result<std::uint32_t, TtlError>& ttl) {
  if (ttl) return std::to_string(*ttl);
  return ttl.error() == TtlError::kTooLarge ? "too large" : "malformed";
}

}  // namespace

TEST_CASE("ttl: seconds, or numbers with units") {
  struct Row {
    std::string_view written, seconds;
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
    CAPTURE(row.written);
    CHECK(text(parse_ttl(row.written)) == row.seconds);
  }
}
