// The parameters of an NSEC3 chain: iterations and salt. A view of the RDATA of an NSEC3PARAM record (RFC 5155 4.2),
// which must outlive it. A value; any thread. Hashing allocates no memory.
#pragma once

#include "zone/base/sha1.h"
#include "zone/name/name.h"

namespace dns {

// With more iterations, validating resolvers treat answers as unsigned or reject them (RFC 9276 3.2). Each iteration
// costs CPU time in the server.
inline constexpr std::uint16_t kMaxNsec3Iterations = 150;

inline constexpr std::uint8_t kNsec3Sha1 = 1;  // the only hash algorithm (RFC 5155 11)
using Nsec3Hash = Sha1Digest;
// Octets of an owner label that holds a hash in base32hex.
inline constexpr std::size_t kNsec3LabelSize = sizeof(Nsec3Hash) * 8 / 5;

class Nsec3Parameters {
 public:
  Nsec3Parameters() = default;  // none
  explicit Nsec3Parameters(const std::uint8_t* rdata) : rdata_(rdata) {}

  bool empty() const { return rdata_ == nullptr; }
  // SHA-1, the only algorithm (RFC 5155 11); no flags, which are for private use (RFC 5155 4.1.2); and not too many
  // iterations.
  bool usable() const { return rdata_[0] == kNsec3Sha1 && rdata_[1] == 0 && iterations() <= kMaxNsec3Iterations; }
  // True if an NSEC3 record with this RDATA belongs to the chain. Its RDATA begins as that of NSEC3PARAM does.
  bool match(Bytes nsec3) const {
    const Nsec3Parameters other(nsec3.data());
    return nsec3[0] == kNsec3Sha1 && *this == other;
  }
  // The hash of the name in lower case, iterated with the salt (RFC 5155 5).
  Nsec3Hash hash(NameView name) const;

  friend bool operator==(Nsec3Parameters a, Nsec3Parameters b) {
    return a.iterations() == b.iterations() && equal(a.salt(), b.salt());
  }

 private:
  std::uint16_t iterations() const { return load16(rdata_ + 2); }
  Bytes salt() const { return {rdata_ + 5, rdata_[4]}; }

  const std::uint8_t* rdata_ = nullptr;  // algorithm 8, flags 8, iterations 16, salt with its length
};

}  // namespace dns
