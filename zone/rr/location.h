// Positions on Earth: LOC's 16 octets (RFC 1876 2) and the decimal numbers of GPOS (RFC 1712 3).
#pragma once

#include <cstdint>
#include <string_view>

#include "zone/base/bytes.h"

namespace dns {

inline constexpr std::size_t kLocationSize = 16;
inline constexpr std::uint32_t kEquator = 0x8000'0000;          // latitude and longitude zero
inline constexpr std::uint32_t kMaxLatitude = 90U * 3'600'000;  // thousandths of an arc second
inline constexpr std::uint32_t kMaxLongitude = 180U * 3'600'000;
inline constexpr std::uint32_t kSeaLevel = 10'000'000;  // centimetres above the lowest altitude

struct Location {
  std::uint8_t size, horizontal, vertical;  // mantissa and power of ten, centimetres
  std::uint32_t latitude, longitude, altitude;
};

// True if the version is 0, digits are decimal digits, and angles are in range.
bool is_location(Bytes octets);
Location read_location(Bytes octets);

// True for "-32.6882" and "116"; false for "+.5".
bool is_decimal(std::string_view text);

}  // namespace dns
