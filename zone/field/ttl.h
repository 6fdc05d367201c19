// Times in presentation form: seconds, or numbers with BIND's units: 3600, 1h30m, 2W. Case is ignored.
//
// TTLs and the times of SOA and RRSIG have the same syntax and different limits: a TTL has 31 bits (RFC 2181 8), a
// field of RDATA has what its 32 bits hold. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "zone/base/result.h"

namespace dns {

inline constexpr std::uint32_t kMaxTtl = 0x7fff'ffff;  // RFC 2181 8

struct TtlError {
  enum class Kind : std::uint8_t { kMalformed, kTooLarge } kind{};
  std::size_t offset = 0;  // kMalformed: of the octet that does not fit
};

Result<std::uint32_t, TtlError> parse_ttl(std::string_view text, std::uint32_t max = kMaxTtl);

}  // namespace dns
