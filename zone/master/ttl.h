// TTLs in presentation form: seconds, or BIND's units: 3600, 1h30m, 2W. Case is ignored.
#pragma once

#include <cstdint>
#include <string_view>

#include "zone/base/result.h"

namespace dns {

inline constexpr std::uint32_t kMaxTtl = 0x7fff'ffff;  // RFC 2181 8

enum class TtlError : std::uint8_t { kMalformed, kTooLarge };

Result<std::uint32_t, TtlError> parse_ttl(std::string_view text);

}  // namespace dns
