// Policies: which members an answer would have, were there no past. Pure; what keeps an answer from jumping is in holds.h.
//
//     best tier that has any:   USABLE > DEGRADED > last resort > DRAINED
//
// A last resort is taken where every other member is down or taken out of service, or (if_none = kLastResort) where none
// meets the SLA. Where only degraded ones are left, the least violating is taken: policies that take one, take one; kWeighted
// and kAll take all of the tier. Members below the floor of allowed classes are never looked at.
#pragma once

#include "server/policy/members.h"

namespace server {

enum class Tier : std::uint8_t { kUsable, kDegraded, kLastResort, kDrained, kNone };

// A member that is answered and has become UNKNOWN stands as usable (`chosen`): not to know is no reason to change.
enum class Standpoint : std::uint8_t { kOther, kChosen };
Tier tier_of(const MemberStatus& member, Standpoint standpoint);

struct Candidates {
  const AnswerOptions& answer;
  const std::vector<MemberStatus>& members;
  std::vector<Tier> tiers;             // by member; kNone: not to be considered
  std::optional<std::size_t> current;  // the only one answered now, which a better measured one must beat clearly
};

struct Wanted {
  std::vector<std::size_t> members;    // ascending
  Tier tier = Tier::kNone;
  bool nodata = false;                 // none meets the SLA, and NODATA is asked for then

  friend bool operator==(const Wanted&, const Wanted&) = default;
};

Wanted choose(const Candidates& candidates);

// Whether the policy answers one member at a time.
bool takes_one(Policy policy);
// Whether, both being usable, `a` is tried before `b` by what is configured.
bool ranks_before(const AnswerOptions& answer, const std::vector<MemberStatus>& members, std::size_t a, std::size_t b);

// Latency, jitter and loss together, in seconds: jitter counts twice, a percent of loss as 100 ms. Less is better.
double score(const Quality& quality);

}  // namespace server
