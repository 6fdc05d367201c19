// SHA-1 (FIPS 180-4 6.1) of short inputs: the hash of names in NSEC3 (RFC 5155 5). No allocation; pure.
//
// Crypto libraries allocate a context for each digest; the query path does not allocate.
#pragma once

#include <array>

#include "zone/base/bytes.h"

namespace dns {

using Sha1Digest = std::array<std::uint8_t, 20>;

inline constexpr std::size_t kMaxSha1Octets = 600;  // more than a name and a salt of 255 octets each

enum class Sha1Code : std::uint8_t {
  kPlain,
  kInstructions,  // those of the processor: several times as fast
};
// The fastest code that runs on this processor.
Sha1Code best_sha1_code();

// The digest of `octets` followed by `salt`; together at most kMaxSha1Octets.
Sha1Digest sha1(Sha1Code code, Bytes octets, Bytes salt);
inline Sha1Digest sha1(Bytes octets, Bytes salt) { return sha1(best_sha1_code(), octets, salt); }

}  // namespace dns
