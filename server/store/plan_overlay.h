// How an overlay lies over one zone: which sets of the zone file it replaces, and what has to change for that. Pure.
//
//     zone file's own      www A 192.0.2.1      ---.  kept here, and put back once nobody manages the set any more
//     overlay              www A 198.51.100.1   ---'-->  one SetChange, and one for its choice; nothing where the zone
//     holds it already
//
// A set that cannot be managed is left as the zone file has it and named with its reason; the others are not held up.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "server/journal/overridden.h"
#include "server/store/overlay.h"
#include "zone/snapshot/zone.h"

namespace server {

// Why a managed set stays as the zone file has it.
enum class SuspendReason : std::uint8_t {
  kNoZone,      // no zone here holds the name
  kNoSet,       // the zone has no such set, so it would come from nowhere when the steering ends
  kDelegated,   // at or below a zone cut or DNAME: not this zone's to say
  kNameServer,  // an NS record names it: delegations would change under resolvers' feet
  kSigned,      // the zone carries signatures, which a new set or serial would make bogus
};
std::string_view describe(SuspendReason reason);

struct SuspendedRrset {
  dns::Name owner;
  dns::Type type{};
  SuspendReason reason{};

  friend bool operator==(const SuspendedRrset&, const SuspendedRrset&) = default;
};

// The names that NS records of a zone name, so that they can be looked up: hashes of names, ascending.
class NameServers {
 public:
  explicit NameServers(const dns::Zone& zone);  // visits every name
  bool contains(const dns::Key& name) const;

 private:
  std::vector<std::uint64_t> hashes_;
};

struct OverlayChanges {
  std::vector<dns::SetChange> changes;  // without the SOA's; canonical order
  OverriddenRrsets overridden;          // what lies over the zone then; those that did not change are the same objects
  std::vector<SuspendedRrset> suspended;
};

using DesiredRrsets = std::span<const ManagedRrsetPtr* const>;  // of this zone; canonical order of owners, then by type

// From what lies over `zone` now (`overridden`, in order) to what is desired. `servers` are the zone's; null only where
// nothing is desired.
OverlayChanges plan_overlay(const dns::Zone& zone, const NameServers* servers, const OverriddenRrsets& overridden,
                            DesiredRrsets desired);

// `zone`'s SOA with another serial, as a change; nothing where the zone has no SOA.
std::optional<dns::SetChange> serial_change(const dns::Zone& zone, dns::Serial serial);
// Puts the zone's SOA with another serial among the changes; a zone under test may have none.
void set_serial(dns::Change& change, const dns::Zone& zone, dns::Serial serial);

}  // namespace server
