// SHA-1 (FIPS 180-4 6.1) of short inputs: the hash of names in NSEC3 (RFC 5155 5). No allocation; pure.
//
// Crypto libraries allocate a context for each digest; the query path does not allocate.
#pragma once

#include <array>

#include "zone/base/bytes.h"

namespace dns {

using Sha1Digest = std::array<std::uint8_t, 20>;

inline constexpr std::size_t kMaxSha1Octets = 600;  // more than a name and a salt of 255 octets each

// The digest of `octets` followed by `salt`; together at most kMaxSha1Octets.
Sha1Digest sha1(Bytes octets, Bytes salt);

}  // namespace dns
