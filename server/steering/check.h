// Checks managed names against the zones that serve them, before failover starts. The result is typed findings; the
// code that read the configuration adds line and column by the index of the record, and has checked all else.
//
// Pure. One walk over all names of all zones, because any NS record may point at a managed name.
#pragma once

#include <string>
#include <vector>

#include "server/steering/options.h"
#include "zone/snapshot/snapshot.h"

namespace server {

enum class SteeringError : std::uint8_t {
  kNotInZones,     // no loaded zone contains the name
  kBelowCut,       // the name is delegated or redirected by a DNAME
  kNoZoneRecords,  // its zone has no RRset of that name and type
  kIsAlias,        // the name has a CNAME record
  kIsNameServer,   // an NS record in our zones points at it; glue in the parent zone would not be updated
  kSignedZone,     // its zone is signed: the signatures would not match another RRset
};

struct SteeringFinding {
  SteeringError error{};
  std::size_t record = 0;  // its index
  dns::Name server_of{};   // kIsNameServer: the zone or delegation

  friend bool operator==(const SteeringFinding&, const SteeringFinding&) = default;
};

// One sentence without a full stop: "www.example.com/A: the name is in none of the loaded zones".
std::string describe(const SteeringOptions& options, const SteeringFinding& finding);

std::vector<SteeringFinding> check_zones(const SteeringOptions& options, const dns::Snapshot& snapshot);

}  // namespace server
