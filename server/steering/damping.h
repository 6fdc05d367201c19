// Damping: keeps a record from changing too often. The status of one record, and the function that updates it.
//
//     UNDECIDED --- every member that could be preferred is known, or `wait_until` has passed and a member is usable
//                   ---> decided: chosen members, NODATA, or the zone file's records
//               --- `wait_until` has passed, some members are down and the others unknown
//                   ---> unproven: the unknown members, without those that are known to be down
//
//     decided, checked in this order:
//       forced by an override    the named member, unless its link class is not allowed
//       frozen by an override    no change
//       all down                 fewer than `min_up` members are usable: as `all_down` says
//       chosen members fail      the best remaining member, at once
//       damped                   no change to a better member: the record changed `damp_transitions` times within
//                                `damp_within`, and did not stay the same for `damp_hold` since then
//       a better one is usable   after it was usable for `failback_delay`, and not within `hold_down` of the last
//                                change; a better tier (usable before degraded) needs no `failback_delay`
//
// No delay and no damping keeps a member that is known to be down while another one is usable. If a damped record has
// to leave a member, it prefers members that did not change their state while it changed too often.
//
// If a better member's router takes over, the present member goes to standby and is served until the better one was
// usable for `failback_delay`. So a preemption causes one change. A measured policy switches to a better member of the
// same tier after it was better for the same time.
//
// TTL: `ttl_max` if no change is expected within `ttl_max`, otherwise `ttl_min`; also while the record is damped. There
// are only two values, and the lower one is kept for at least `ttl_max`, because each change of TTL makes a new version
// of the zone. Never 0.
//
// The result depends on the inputs and their times, not on the number of calls: between two changes of its inputs,
// `update_record` must be called when it asked for it, and may be called more often.
#pragma once

#include <deque>

#include "server/steering/select.h"

namespace server {

enum class ServedKind : std::uint8_t { kUndecided, kMembers, kNodata, kDefault };

// Only `update_record` writes it. A value.
struct RecordStatus {
  ServedKind served = ServedKind::kUndecided;
  std::vector<std::size_t> chosen;  // ascending; kMembers
  bool unproven = false;            // no input of the chosen members is known; the next known one decides
  Instant chosen_since{};
  std::optional<Instant> all_down_since;
  std::vector<std::size_t> good;      // the last answer before the present one that was served for long enough
  std::optional<Instant> good_until;  // when it ended
  std::deque<Instant> changes;        // within `damp_within`
  std::optional<Instant> damped_until;
  std::vector<std::size_t> pending;  // the members that a measured policy prefers now
  std::optional<Instant> pending_since;
  std::optional<Instant> short_ttl_until;  // the lower TTL is kept until then
  RecordState state = RecordState::kUndecided;
  Instant since{};
  std::uint32_t ttl = 0;
  std::string rule;
  std::string frozen_by;  // why it is frozen; empty: it is not
  std::uint64_t transitions = 0;
  std::uint64_t configuration = 0;  // DecisionInput::configuration of the last update
};

// The inputs of one record's decision.
struct DecisionInput {
  const RecordOptions& record;
  const std::vector<MemberStatus>& members;
  const std::optional<ActiveForce>& force;
  const std::optional<ActiveFreeze>& freeze;
  Instant wait_until;  // an undecided record waits until then for unknown inputs
  Instant now;
  Duration detection;           // Plan::detection
  std::uint64_t configuration;  // Plan::configurations
};

// Updates `status` for `input.now`. Returns when to call again even if nothing changes.
std::optional<Instant> update_record(const DecisionInput& input, RecordStatus& status);

}  // namespace server
