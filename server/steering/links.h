// The state of links: is the path up (reliability), and is it good enough (SLA classes).
//
//     targets' checks --> K of N up: UP        K can no longer be up: DOWN, at once        otherwise UNKNOWN
//
//     SLA, for each class that records use for the link, once per decision tick (1 s):
//
//           `bad_windows` ticks in a row over `bad`
//     MET -----------------------------------------> VIOLATED
//         <-----------------------------------------
//           `good_windows` ticks in a row within `good`
//
// A measurement that moves around one threshold therefore changes the SLA state at most once. A link is DEGRADED while
// one of its SLA classes is violated. A member uses only the class of its own record, so voice may avoid a link that
// bulk traffic still uses. The quality of a link is what K of its targets show: a dead target beyond K says nothing
// about the path. Values.
#pragma once

#include <span>

#include "server/steering/active_overrides.h"
#include "server/steering/plan.h"
#include "server/steering/report.h"

namespace server {

inline constexpr Duration kDecisionTick = std::chrono::seconds{1};

struct SlaStatus {
  bool violated = false;
  unsigned streak = 0;  // ticks in a row that support the opposite state
  std::optional<Instant> last_tick;
  double excess = 0;   // the worst measurement divided by its `bad` bound
  std::string reason;  // "loss 5.2% over 1.0%"

  friend bool operator==(const SlaStatus&, const SlaStatus&) = default;
};

// Updates the state with `quality`. Counts at most one tick per second. Without samples nothing changes.
// Returns when to call again if a streak has begun.
std::optional<Instant> update_sla(SlaStatus& status, const SlaOptions& sla, const Quality& quality, Instant now);

// The quality that `needed` of the checks show, each measurement by itself. Checks without samples are ignored.
Quality quality_of(std::span<const CheckState* const> checks, std::size_t needed);

// The earliest instant at which `check` can change its health, if its latest results are contrary to it.
std::optional<Instant> earliest_turn(const CheckState& check, Instant now);

struct LinkStatus {
  LinkReport report;
  std::vector<SlaStatus> slas;  // in the order of Plan::link_slas
  std::optional<ActiveOverride> admin_override;
  std::optional<Instant> change_at;  // the earliest instant of a change, if one is expected
  std::optional<Instant> next;       // when to evaluate again

  friend bool operator==(const LinkStatus&, const LinkStatus&) = default;
};

void evaluate_link(const Plan& plan, std::size_t link, const HealthState& health,
                   const ActiveOverrides& active_overrides, Instant now, LinkStatus& status);

// "12.3ms", "5.2%": measurements for people.
std::string milliseconds_text(Duration duration);
std::string percent_text(double part);

}  // namespace server
