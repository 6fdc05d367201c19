// Policies: the members that a record should have, without regard to its past. Pure. damping.h limits how often the
// result changes.
//
//     best tier that has any:   USABLE > DEGRADED > last resort > DRAINED
//
// A last resort is used if every other member is down or out of service, or (if_none = kLastResort) if no member meets
// the SLA. If only degraded members are left, policies that return one member take the one with the smallest violation;
// kWeighted and kAll take all of the tier. Members of a class that is not allowed are never considered.
#pragma once

#include "server/steering/members.h"

namespace server {

enum class Tier : std::uint8_t { kUsable, kDegraded, kLastResort, kDrained, kNone };

// A served member that became UNKNOWN counts as usable: missing information is no reason to change.
enum class Served : std::uint8_t { kNo, kYes };
Tier tier_of(const MemberStatus& member, Served served);

struct Candidates {
  const RecordOptions& record;
  const std::vector<MemberStatus>& members;
  std::vector<Tier> tiers;             // by member; kNone: not considered
  std::optional<std::size_t> current;  // the only member served now; another one must measure clearly better
};

struct Selection {
  std::vector<std::size_t> members;  // ascending
  Tier tier = Tier::kNone;
  bool nodata = false;  // no member meets the SLA, and the record asks for NODATA in that case

  friend bool operator==(const Selection&, const Selection&) = default;
};

Selection select_members(const Candidates& candidates);

// True if the policy returns one member at a time.
bool returns_one_member(Policy policy);
// True if the configuration puts `a` before `b` when both are usable.
bool is_preferred(const RecordOptions& record, const std::vector<MemberStatus>& members, std::size_t a, std::size_t b);

// Latency, jitter and loss together, in seconds: jitter counts twice, one percent of loss counts as 100 ms. Lower is
// better.
double score(const Quality& quality);

}  // namespace server
