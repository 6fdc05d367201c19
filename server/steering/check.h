// What is wrong with managed names, before anybody is steered: among themselves, and in the zones that they are served
// from. Typed findings: whoever read the configuration adds line and column, by the indices.
//
// Pure. `check_options` looks at the options alone; `check_zones` at what is served: one walk over all names of all
// zones, since an NS record anywhere may point at a managed name.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "server/steering/options.h"
#include "zone/snapshot/snapshot.h"

namespace server {

enum class SteeringError : std::uint8_t {
  kNotInZones,       // no zone here holds the name
  kBelowCut,         // the name is delegated away, or redirected by a DNAME
  kNoDefaultSet,     // its zone has no set of that name and type
  kIsAlias,          // it owns a CNAME
  kIsNameServer,     // an NS record of ours points at it: the parent's glue could not follow. `other`: of which zone or
                     // cut
  kManagedTwice,     // another record of the same name, type and view. `other_index`: which
  kNeverAllowed,     // the member's link is of no allowed class, or it has none while classes are demanded
  kNothingAllowed,   // so with every member: nothing could ever be answered
  kWrongFamily,      // the member's address is not of the record's type
  kNothingMeasured,  // the member is evaluated by an SLA, and nothing measures it
  kLinkDeprecated,   // the link is past its date
  kLinkDeprecatedSoon,  // the link has such a date, and is in use
  kLinkUnused,          // no member goes over the link
  kViewUnused,          // no record has the view
  kViewsOverlap,        // all clients of one of its prefixes are in an earlier view. `other_index`: which
  kTooManyViews,        // more than a snapshot carries
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
// A sentence without a full stop: "www.example.com/A: no zone here holds the name".
std::string describe(const SteeringOptions& options, const SteeringFinding& finding);

std::vector<SteeringFinding> check_options(const SteeringOptions& options, std::chrono::year_month_day today);
std::vector<SteeringFinding> check_zones(const SteeringOptions& options, const dns::Snapshot& snapshot);

}  // namespace server
