// Checks of managed names before failover starts: against each other, and against the zones that serve them. The result
// is typed findings; the code that read the configuration adds line and column by the indices.
//
// Pure. `check_options` looks only at the options. `check_zones` looks at the loaded zones: one walk over all names of
// all zones, because any NS record may point at a managed name.
#pragma once

#include <chrono>
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
  kIsNameServer,   // an NS record in our zones points at it; glue in the parent zone would not be updated. `other`: the
                   // zone or delegation
  kSignedZone,     // its zone is signed: the signatures would not match another RRset
  kManagedTwice,   // an earlier record has the same name, type and view. `other_index`: which
  kNeverAllowed,   // the class of the member's link is not allowed, or it has no link and the record allows only some
                   // classes
  kNothingAllowed,      // the same for every member: the record could never have an address
  kWrongFamily,         // the member's address is not of the record's type
  kNothingMeasured,     // the record has an SLA, and nothing measures this member
  kLinkDeprecated,      // the link is in use after its `deprecated` date
  kLinkDeprecatedSoon,  // the link is in use and has a `deprecated` date
  kLinkUnused,          // no member uses the link
  kViewUnused,          // no record uses the view
  kViewsOverlap,        // an earlier view has all clients of one of its prefixes. `other_index`: which
  kTooManyViews,        // more than a snapshot supports
};

enum class Severity : std::uint8_t { kError, kWarning };

struct SteeringFinding {
  enum class At : std::uint8_t { kRecord, kMember, kLink, kView };

  SteeringError error{};
  At at = At::kRecord;
  std::size_t index = 0;   // of the record, link or view
  std::size_t member = 0;  // kMember: of the record's members
  std::size_t other_index = 0;
  dns::Name other;

  friend bool operator==(const SteeringFinding&, const SteeringFinding&) = default;
};

Severity severity(SteeringError error);
// One sentence without a full stop: "www.example.com/A: no loaded zone contains the name".
std::string describe(const SteeringOptions& options, const SteeringFinding& finding);

std::vector<SteeringFinding> check_options(const SteeringOptions& options, std::chrono::year_month_day today);
std::vector<SteeringFinding> check_zones(const SteeringOptions& options, const dns::Snapshot& snapshot);

}  // namespace server
