// The NSEC3 records of a version of a zone, in the order of hashes: which record matches a name's hash, and which
// covers it (RFC 5155 7.1, 7.2). The records themselves are nodes of the zone like any other.
//
//     hashes    | first 64 bits |  ascending         leaves    | leaf |   of the same places
//
// A zone whose apex names no chain that can be used has none: NSEC3PARAM with SHA-1 and without flags (RFC 5155 4.1),
// at most kMaxNsec3Iterations, and a record that matches the apex. Of several the first is used.
//
// Immutable; pure reading, any thread, no allocation. Shared by versions that do not differ in it. 20 octets a record,
// and a walk over the zone to make it; both only where there is an NSEC3PARAM.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "zone/base/sha1.h"
#include "zone/snapshot/zone.h"

namespace dns {

struct Change;

// Validating resolvers take answers with more for unsigned, or refuse them (RFC 9276 3.2); each costs whoever answers.
inline constexpr std::uint16_t kMaxNsec3Iterations = 150;

using Nsec3Hash = Sha1Digest;
inline constexpr std::size_t kNsec3LabelSize =
    sizeof(Nsec3Hash) * 8 / 5;  // octets of the label that tells one, in base32hex

class Nsec3Chain {
 public:
  // Null where the zone has none.
  static std::shared_ptr<const Nsec3Chain> of(const Zone& zone);
  // Whether a change may alter the chain of a zone, or where its records lie.
  static bool is_affected_by(const Change& change);

  // RFC 5155 5: of the name in lower case, iterated with the salt.
  Nsec3Hash hash(NameView name) const;

  struct Found {
    NodeView node;  // with the record
    bool matches;   // else it covers the hash: the next record's is beyond it
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

// Whether the name owns nothing but NSEC3 records and their signatures: it then does not exist for who asks for it (RFC
// 5155 7.2.8).
bool has_only_nsec3(const NodeView& node);

}  // namespace dns
