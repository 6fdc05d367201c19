// SHA-1 (FIPS 180-4 6.1) of a few octets: what NSEC3 hashes names by (RFC 5155 5). No allocation; pure.
//
// Libraries' digests want contexts, which they allocate; this is called while a question is answered.
#pragma once

#include <array>

#include "zone/base/bytes.h"

namespace dns {

using Sha1Digest = std::array<std::uint8_t, 20>;

inline constexpr std::size_t kMaxSha1Octets = 600;  // a name of 255 octets and a salt of as many, and some

// Of `octets` and, behind them, `salt`; at most kMaxSha1Octets together.
Sha1Digest sha1(Bytes octets, Bytes salt);

}  // namespace dns
