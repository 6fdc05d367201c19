#include "zone/field/ttl.h"

#include "zone/base/ascii.h"

namespace dns {
namespace {

// The seconds of a unit; 0 for other letters.
constexpr std::uint64_t unit_seconds(char letter) {
  switch (letter | 0x20) {
    case 'w': return 7 * 86400;
    case 'd': return 86400;
    case 'h': return 3600;
    case 'm': return 60;
    case 's': return 1;
    default: return 0;
  }
}

Failure<TtlError> malformed(std::size_t offset) { return Failure(TtlError{TtlError::Kind::kMalformed, offset}); }

}  // namespace

Result<std::uint32_t, TtlError> parse_ttl(std::string_view text, std::uint32_t max) {
  if (text.empty()) return malformed(0);
  std::uint64_t total = 0;
  bool units = false, large = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    std::uint64_t number = 0;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      number = number * 10 + static_cast<std::uint64_t>(text[at] - '0');
      if (number > max) large = true, number = max;
    }
    if (at == begin) return malformed(at);
    if (at == text.size()) {
      if (units) return malformed(begin);  // "1h30": minutes or seconds?
      total = number;
      break;
    }
    const std::uint64_t seconds = unit_seconds(text[at]);
    if (seconds == 0) return malformed(at);
    ++at;
    units = true;
    total += number * seconds;
    if (total > max) large = true, total = max;
  }
  if (large) return Failure(TtlError{TtlError::Kind::kTooLarge});
  return static_cast<std::uint32_t>(total);
}

}  // namespace dns
