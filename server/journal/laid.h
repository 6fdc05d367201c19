// What steering has laid over a zone: sets in place of the zone file's own. Values.
#pragma once

#include <vector>

#include "zone/name/name.h"
#include "zone/rr/rrset.h"

namespace server {

struct LaidSet {
  dns::Name owner;
  dns::Type type{};
  dns::Rrset original;   // the zone file's; never written down: the file has it
  dns::Rrset set;        // what is served and transferred instead
  dns::Rrset choice;     // encoded, where clients differ; else count 0
};

inline std::strong_ordering order(const LaidSet& a, const dns::Name& owner, dns::Type type) {
  const auto owners = dns::canonical_order(a.owner, owner);
  return owners != 0 ? owners : a.type <=> type;
}

// Whether both serve the same, whatever they hide.
inline bool serve_alike(const LaidSet& a, const LaidSet& b) {
  return a.type == b.type && a.owner == b.owner && a.set == b.set && a.choice == b.choice;
}

}  // namespace server
