// What steering overrides in a zone: RRsets in place of the zone file's own. Values.
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
  dns::Rrset original;  // the zone file's; never written down: the file has it
  dns::Rrset set;       // what is served and transferred instead
  dns::Rrset choice;    // encoded, where clients differ; else count 0
  // What was wanted, of which it was made; null: read from a disk. Held so that no other object can have its address,
  // and never looked into: the same one wanted again is the same set.
  std::shared_ptr<const void> source = nullptr;
};

// Shared by the versions of a zone and by its journal: of thousands a step alters a few. Never null.
using OverriddenRrsetPtr = std::shared_ptr<const OverriddenRrset>;
using OverriddenRrsets = std::vector<OverriddenRrsetPtr>;  // canonical order of owners, then by type

inline std::strong_ordering compare_key(const OverriddenRrset& a, const dns::Name& owner, dns::Type type) {
  const auto owners = dns::canonical_order(a.owner, owner);
  return owners != 0 ? owners : a.type <=> type;
}

// Where `owner`'s set of `type` is, or would be.
inline OverriddenRrsets::const_iterator find_position(const OverriddenRrsets& overridden, const dns::Name& owner,
                                                      dns::Type type) {
  return std::partition_point(overridden.begin(), overridden.end(),
                              [&](const OverriddenRrsetPtr& set) { return compare_key(*set, owner, type) < 0; });
}

// Whether both serve the same, whatever they hide.
inline bool serve_same(const OverriddenRrset& a, const OverriddenRrset& b) {
  return a.type == b.type && a.owner == b.owner && a.set == b.set && a.choice == b.choice;
}

}  // namespace server
