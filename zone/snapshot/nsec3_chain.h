// The NSEC3 records of one version of a zone, ordered by hash. It finds the record that matches a name's hash or covers
// it (RFC 5155 7.1, 7.2). The records themselves are ordinary nodes of the zone.
//
//     hashes_   | first 64 bits of a hash | ...   ascending
//     leaves_   | leaf of that record     | ...   same index
//
// A chain is usable if the apex has an NSEC3PARAM with SHA-1 and without flags (RFC 5155 4.1), at most
// kMaxNsec3Iterations, and an NSEC3 record that matches the apex. Of several usable chains the first is used. A zone
// without a usable chain has no Nsec3Chain.
//
// Immutable; any thread may read it. Lookups allocate no memory. Versions with the same chain share one object. It
// takes 20 octets for each record and one walk over the zone to build, only in zones with NSEC3PARAM.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "zone/base/sha1.h"
#include "zone/snapshot/zone.h"

namespace dns {

struct Change;

// With more iterations, validating resolvers treat answers as unsigned or reject them (RFC 9276 3.2). Each iteration
// costs CPU time in the server.
inline constexpr std::uint16_t kMaxNsec3Iterations = 150;

using Nsec3Hash = Sha1Digest;
// Octets of an owner label that holds a hash in base32hex.
inline constexpr std::size_t kNsec3LabelSize = sizeof(Nsec3Hash) * 8 / 5;

class Nsec3Chain {
 public:
  // Null for a zone without a usable chain.
  static std::shared_ptr<const Nsec3Chain> of(const Zone& zone);
  // Whether a change may alter the chain or move its leaves.
  static bool is_affected_by(const Change& change);

  // The hash of the name in lower case, iterated with the salt (RFC 5155 5).
  Nsec3Hash hash(NameView name) const;

  struct Found {
    NodeView node;  // owns the NSEC3 record
    bool matches;   // false: the record covers the hash, which lies before the next record's hash
  };
  Found find(const ZoneStorage& storage, const Nsec3Hash& hash) const;

  std::size_t size() const { return leaves_.size(); }

 private:
  Nsec3Chain() = default;
  void collect(const Zone& zone);

  std::uint16_t iterations_ = 0;
  std::vector<std::uint8_t> salt_;
  std::vector<std::uint64_t> hashes_;
  std::vector<Node> leaves_;
};

// Whether the name owns only NSEC3 records and their signatures. A query for such a name is answered as if the name did
// not exist (RFC 5155 7.2.8).
bool has_only_nsec3(const NodeView& node);

}  // namespace dns
