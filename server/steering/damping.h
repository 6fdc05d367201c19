// What keeps a record from jumping: one record's memory, and the one function that moves it.
//
//     UNDECIDED --- every member that could be preferred is known ---> decided: chosen members, or NODATA, or the
//     zone's own set
//
//     decided, in this order:
//       forced by override       the member named, unless it is below the class floor
//       frozen by override       as it is
//       damped                as it is: it changed more than `damp_transitions` times within `damp_within`
//       all down              fewer than `min_up` members: as `all_down` says
//       chosen ones fail      at once to the best that is left
//       a better one is there after `failback_delay` of its being usable, and not within `hold_down` of the last
//       change;
//                             a better tier than what is answered (usable before degraded) does not wait
//
// A member whose router handed over to a better member's router stands by, and is answered until that one has been
// usable for `failback_delay`: a preemption is one change. Measured policies move to a better member of the same tier
// once it has been better for as long.
//
// TTL: `ttl_max` where nothing points to a change within `ttl_max`, else `ttl_min`. Two values only, and the lower one
// for at least `ttl_max` once taken: each is a new version of the zone. Never 0.
//
// What a record becomes depends on what was known when, not on how often it was looked at: between two changes of what
// it is evaluated by, `update_record` is called when it asked for that, and may be called more often.
#pragma once

#include <deque>

#include "server/steering/select.h"

namespace server {

enum class ServedKind : std::uint8_t { kUndecided, kMembers, kNodata, kDefault };

// Writer: `update_record` only. A value.
struct RecordStatus {
  ServedKind served = ServedKind::kUndecided;
  std::vector<std::size_t> chosen;  // ascending; kMembers
  Instant chosen_since{};
  std::optional<Instant> all_down_since;
  std::deque<Instant> changes;  // within `damp_within`
  std::optional<Instant> damped_until;
  std::vector<std::size_t> pending;  // what a measured policy would rather have
  std::optional<Instant> pending_since;
  std::optional<Instant> short_ttl_until;  // the lower TTL is kept until then
  RecordState state = RecordState::kUndecided;
  Instant since{};
  std::uint32_t ttl = 0;
  std::string rule;
  std::uint64_t transitions = 0;
};

// What a record is evaluated by.
struct DecisionInput {
  const SteeringOptions& options;
  const RecordOptions& record;
  const std::vector<MemberStatus>& members;
  const std::optional<ActiveForce>& force;
  const std::optional<ActiveFreeze>& freeze;
  Instant now;
};

// Moves `status` to what is right now. Gives when to look again though nothing happens.
std::optional<Instant> update_record(const DecisionInput& input, RecordStatus& status);

}  // namespace server
