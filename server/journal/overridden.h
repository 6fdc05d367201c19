// The RRsets that the failover overlay puts in place of the zone file's own. Values.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "zone/name/name.h"
#include "zone/rr/rrset.h"

namespace server {

struct OverriddenRrset {
  dns::Name owner;
  dns::Type type{};
  dns::Rrset original;  // of the zone file; not in the journal, because the file has it
  dns::Rrset set;       // served and transferred instead
  dns::Rrset choice;    // encoded, if clients get different answers; else count 0
  // The ManagedRrset that this was made of; null: read from the disk. Only its address is compared: the same object in
  // the next overlay means an unchanged RRset. Held, so that no other object can have the address.
  std::shared_ptr<const void> source = nullptr;
};

// Shared by the versions of a zone and its journal: of thousands, a step changes a few. Never null.
using OverriddenRrsetPtr = std::shared_ptr<const OverriddenRrset>;
using OverriddenRrsets = std::vector<OverriddenRrsetPtr>;  // canonical order of owners, then by type

inline std::strong_ordering compare_key(const OverriddenRrset& a, const dns::Name& owner, dns::Type type) {
  const auto owners = dns::canonical_order(a.owner, owner);
  return owners != 0 ? owners : a.type <=> type;
}

// The position of this RRset, or where it would be inserted.
inline OverriddenRrsets::const_iterator find_position(const OverriddenRrsets& overridden, const dns::Name& owner,
                                                      dns::Type type) {
  return std::partition_point(overridden.begin(), overridden.end(),
                              [&](const OverriddenRrsetPtr& set) { return compare_key(*set, owner, type) < 0; });
}

// Whether both give the same answers, whatever the originals are.
inline bool serve_same(const OverriddenRrset& a, const OverriddenRrset& b) {
  return a.type == b.type && a.owner == b.owner && a.set == b.set && a.choice == b.choice;
}

}  // namespace server
