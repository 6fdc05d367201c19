// How an overlay lies over one zone: which sets of the zone file it replaces, and what has to change for that. Pure.
//
//     zone file's own      www A 192.0.2.1      ---.  kept here, and put back once nobody manages the set any more
//     overlay              www A 198.51.100.1   ---'-->  one SetChange, and one for its choice; nothing where the zone holds it already
//
// A set that cannot be managed is left as the zone file has it and named with its obstacle; the others are not held up.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "server/journal/laid.h"
#include "server/store/overlay.h"
#include "zone/snapshot/zone.h"

namespace server {

// Why a managed set stays as the zone file has it.
enum class Obstacle : std::uint8_t {
  kNoZone,         // no zone here holds the name
  kNoSet,          // the zone has no such set, so it would come from nowhere when the steering ends
  kDelegated,      // at or below a zone cut or DNAME: not this zone's to say
  kNameServer,     // an NS record names it: delegations would change under resolvers' feet
  kSigned,         // the zone carries signatures, which a new set or serial would make bogus
};
std::string_view describe(Obstacle obstacle);

struct SuspendedSet {
  dns::Name owner;
  dns::Type type{};
  Obstacle obstacle{};

  friend bool operator==(const SuspendedSet&, const SuspendedSet&) = default;
};

// The names that NS records of a zone name, so that they can be looked up: marks of names, ascending.
class NameServers {
 public:
  explicit NameServers(const dns::Zone& zone);   // visits every name
  bool contains(const dns::Key& name) const;

 private:
  std::vector<std::uint64_t> marks_;
};

struct Laying {
  std::vector<dns::SetChange> changes;    // without the SOA's; canonical order
  LaidSets laid;                          // what lies over the zone then; those that did not change are the same objects
  std::vector<SuspendedSet> suspended;
};

using WantedSets = std::span<const SharedSet* const>;   // of this zone; canonical order of owners, then by type

// From what lies over `zone` now (`laid`, in order) to what is wanted. `servers` are the zone's; null only where nothing is wanted.
Laying lay(const dns::Zone& zone, const NameServers* servers, const LaidSets& laid, WantedSets wanted);

// `zone`'s SOA with another serial, as a change; nothing where the zone has no SOA.
std::optional<dns::SetChange> serial_change(const dns::Zone& zone, dns::Serial serial);
// Puts the zone's SOA with another serial among the changes; a zone under test may have none.
void set_serial(dns::Change& change, const dns::Zone& zone, dns::Serial serial);

}  // namespace server
