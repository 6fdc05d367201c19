#include "zone/master/ttl.h"

#include "zone/base/ascii.h"

namespace dns {
namespace {

// Seconds of a unit; 0 where the letter is none.
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

}  // namespace

Result<std::uint32_t, TtlError> parse_ttl(std::string_view text) {
  if (text.empty()) return Failure(TtlError::kMalformed);
  std::uint64_t total = 0;
  bool units = false, large = false;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) return Failure(TtlError::kMalformed);
    std::uint64_t number = 0;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      number = number * 10 + static_cast<std::uint64_t>(text[at] - '0');
      if (number > kMaxTtl) large = true, number = kMaxTtl;
    }
    if (at == text.size()) {
      if (units) return Failure(TtlError::kMalformed);  // "1h30": minutes or seconds?
      total = number;
      break;
    }
    const std::uint64_t seconds = unit_seconds(text[at++]);
    if (seconds == 0) return Failure(TtlError::kMalformed);
    units = true;
    total += number * seconds;
    if (total > kMaxTtl) large = true, total = kMaxTtl;
  }
  if (large) return Failure(TtlError::kTooLarge);
  return static_cast<std::uint32_t>(total);
}

}  // namespace dns
