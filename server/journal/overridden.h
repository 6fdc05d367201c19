// The RRsets that the failover overlay puts in place of the zone file's own. Values.
#pragma once

#include <memory>

#include "zone/rr/rrset.h"
#include "zone/rr/rrset_map.h"

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

// Shared by the versions of a zone and its journal: of thousands, a step changes a few.
using OverriddenRrsets = dns::RrsetMap<OverriddenRrset>;
using OverriddenRrsetPtr = OverriddenRrsets::Value;

// Whether both give the same answers, whatever the originals are.
inline bool serve_same(const OverriddenRrset& a, const OverriddenRrset& b) {
  return a.type == b.type && a.owner == b.owner && a.set == b.set && a.choice == b.choice;
}

}  // namespace server
