// Policies: which members a record would have, were there no past. Pure; what keeps a record from jumping is in
// damping.h.
//
//     best tier that has any:   USABLE > DEGRADED > last resort > DRAINED
//
// A last resort is taken where every other member is down or taken out of service, or (if_none = kLastResort) where
// none meets the SLA. Where only degraded ones are left, the least violating is taken: policies that take one, take
// one; kWeighted and kAll take all of the tier. Members below the floor of allowed classes are never looked at.
#pragma once

#include "server/steering/members.h"

namespace server {

enum class Tier : std::uint8_t { kUsable, kDegraded, kLastResort, kDrained, kNone };

// A member that is answered and has become UNKNOWN stands as usable (`chosen`): not to know is no reason to change.
enum class Served : std::uint8_t { kNo, kYes };
Tier tier_of(const MemberStatus& member, Served served);

struct Candidates {
  const RecordOptions& record;
  const std::vector<MemberStatus>& members;
  std::vector<Tier> tiers;             // by member; kNone: not to be considered
  std::optional<std::size_t> current;  // the only one answered now, which a better measured one must beat clearly
};

struct Selection {
  std::vector<std::size_t> members;  // ascending
  Tier tier = Tier::kNone;
  bool nodata = false;  // none meets the SLA, and NODATA is asked for then

  friend bool operator==(const Selection&, const Selection&) = default;
};

Selection select_members(const Candidates& candidates);

// Whether the policy returns one member at a time.
bool returns_one_member(Policy policy);
// Whether, both being usable, `a` is tried before `b` by what is configured.
bool is_preferred(const RecordOptions& record, const std::vector<MemberStatus>& members, std::size_t a, std::size_t b);

// Latency, jitter and loss together, in seconds: jitter counts twice, a percent of loss as 100 ms. Less is better.
double score(const Quality& quality);

}  // namespace server
