#include "zone/rr/location.h"

#include "zone/base/ascii.h"

namespace dns {
namespace {

bool is_precision(std::uint8_t octet) { return octet >> 4 <= 9 && (octet & 0x0f) <= 9; }

bool is_angle(std::uint32_t angle, std::uint32_t limit) {
  return angle >= kEquator - limit && angle <= kEquator + limit;
}

}  // namespace

Location read_location(Bytes octets) {
  return {octets[1], octets[2], octets[3], load32(&octets[4]), load32(&octets[8]), load32(&octets[12])};
}

bool is_location(Bytes octets) {
  const Location at = read_location(octets);
  return octets[0] == 0 && is_precision(at.size) && is_precision(at.horizontal) && is_precision(at.vertical) &&
         is_angle(at.latitude, kMaxLatitude) && is_angle(at.longitude, kMaxLongitude);
}

bool is_decimal(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  if (digits == 0) return false;
  text.remove_prefix(digits);
  if (text.empty()) return true;
  if (text[0] != '.' || text.size() == 1) return false;
  for (const char c : text.substr(1))
    if (!is_digit(c)) return false;
  return true;
}

}  // namespace dns
