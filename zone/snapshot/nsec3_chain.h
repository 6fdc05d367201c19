// The NSEC3 chain of one version of a zone: finds the record that matches a name's hash or covers it (RFC 5155 7.1,
// 7.2).
//
//     tree of names    example.   0p9m...   35mt...   mail   www  ...        both trees refer to the same leaves
//     tree of hashes              0p9m...   35mt...
//
// The chain is a second tree in the storage of the zone. Its leaves are the leaves of the tree of names that own the
// records of the chain. base32hex keeps the order of hashes, so the canonical order of their owners is the order of the
// chain. Versions share what a change does not touch (nsec3_edit.h). A record takes about 16 octets of this tree.
//
// A chain is usable if the apex has an NSEC3PARAM with SHA-1 and without flags (RFC 5155 4.1), at most
// kMaxNsec3Iterations, and an NSEC3 record that matches the apex. Of several usable chains the first is used. A zone
// without a usable chain has none.
//
// A value that lives as long as its version of the zone. Any thread; lookups allocate no memory.
#pragma once

#include "zone/snapshot/zone.h"

namespace dns {

class Nsec3ChainView {
 public:
  Nsec3ChainView(const ZoneStorage& storage, Node root, Nsec3Parameters parameters)
      : storage_(&storage), root_(root), parameters_(parameters) {}

  Nsec3Hash hash(NameView name) const { return parameters_.hash(name); }

  struct Found {
    NodeView node;  // owns the NSEC3 record
    bool matches;   // false: the record covers the hash, which lies before the next record's hash
  };
  Found find(const Nsec3Hash& hash) const;

 private:
  const ZoneStorage* storage_;
  Node root_;
  Nsec3Parameters parameters_;
};

// The label of a hash: base32hex without padding, in lower case (RFC 5155 3).
using Nsec3Label = std::array<std::uint8_t, kNsec3LabelSize>;
Nsec3Label nsec3_label(const Nsec3Hash& hash);
// True if a name relative to the apex is one label that holds a hash.
bool is_nsec3_owner(Bytes relative);

// Whether the name owns only NSEC3 records and their signatures. A query for such a name is answered as if the name did
// not exist (RFC 5155 7.2.8).
bool has_only_nsec3(const NodeView& node);

}  // namespace dns
