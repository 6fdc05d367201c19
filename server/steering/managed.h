// What is wrong with managed names, before anybody is steered: among themselves, and in the zones that they are served from.
// Typed findings: whoever read the configuration adds line and column, by the indices.
//
// Pure. `check_options` looks at the options alone; `check_zones` at what is served: one walk over all names of all zones, since
// an NS record anywhere may point at a managed name.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "server/policy/options.h"
#include "zone/snapshot/snapshot.h"

namespace server {

enum class ManagedFault : std::uint8_t {
  kNotInZones,        // no zone here holds the name
  kBelowCut,          // the name is delegated away, or redirected by a DNAME
  kNoDefaultSet,      // its zone has no set of that name and type
  kIsAlias,           // it owns a CNAME
  kIsNameServer,      // an NS record of ours points at it: the parent's glue could not follow. `other`: of which zone or cut
  kAnsweredTwice,     // another answer of the same name, type and view. `other_index`: which
  kNeverAllowed,      // the member's link is of no allowed class, or it has none while classes are demanded
  kNothingAllowed,    // so with every member: nothing could ever be answered
  kWrongFamily,       // the member's address is not of the answer's type
  kNothingToJudge,    // the member is judged by an SLA, and nothing measures it
  kLinkDeprecated,    // the link is past its date
  kLinkToEnd,         // the link has such a date, and is in use
  kLinkUnused,        // no member goes over the link
  kViewUnused,        // no answer has the view
  kViewsOverlap,      // all clients of one of its prefixes are in an earlier view. `other_index`: which
  kTooManyViews,      // more than a snapshot carries
};

enum class Severity : std::uint8_t { kError, kWarning };

struct ManagedFinding {
  enum class At : std::uint8_t { kAnswer, kMember, kLink, kView };

  ManagedFault fault{};
  At at = At::kAnswer;
  std::size_t index = 0;        // of the answer, link or view
  std::size_t member = 0;       // kMember: of the answer's members
  std::size_t other_index = 0;
  dns::Name other;

  friend bool operator==(const ManagedFinding&, const ManagedFinding&) = default;
};

Severity severity(ManagedFault fault);
// A sentence without a full stop: "www.example.com/A: no zone here holds the name".
std::string describe(const SteeringOptions& options, const ManagedFinding& finding);

std::vector<ManagedFinding> check_options(const SteeringOptions& options, std::chrono::year_month_day today);
std::vector<ManagedFinding> check_zones(const SteeringOptions& options, const dns::Snapshot& snapshot);

}  // namespace server
