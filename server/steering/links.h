// The state of links: is the path up (reliability), and is it good enough (SLA classes).
//
//     targets' checks --> K of N up: UP        K can no longer be up: DOWN, at once        otherwise UNKNOWN
//
//     SLA, for each class that records use for the link, once per decision tick (1 s):
//
//           `bad_windows` ticks in a row at `bad` or over it
//     MET --------------------------------------------------> VIOLATED
//         <--------------------------------------------------
//           `good_windows` ticks in a row at `good` or below it
//
// A measurement that moves around one threshold therefore changes the SLA state at most once. A link is DEGRADED while
// one of its SLA classes is violated. A member uses only the class of its own record, so voice may avoid a link that
// bulk traffic still uses. The quality of a link is what K of its targets show: a dead target beyond K says nothing
// about the path.
//
// After a start, a window has few results, and one lost probe would be a large share of them. Results that are missing
// in a window count as received. Values.
#pragma once

#include "server/steering/active_overrides.h"
#include "server/steering/plan.h"
#include "server/steering/report.h"

namespace server {

inline constexpr Duration kDecisionTick = std::chrono::seconds{1};

struct SlaStatus {
  bool violated = false;
  unsigned streak = 0;  // whole ticks in a row that support the opposite state
  std::optional<Instant> last_tick;
  std::optional<Instant> change_at;  // when it changes if the measurements stay as they are
  double excess = 0;                 // the worst measurement divided by its `bad` bound
  std::string reason;                // "loss 5.2% over 1.0%"

  friend bool operator==(const SlaStatus&, const SlaStatus&) = default;
};

// Updates the state with `quality`. The first tick of a streak ends one second after the streak began; each call counts
// at most one. Without samples nothing changes. Returns when to call again if a streak has begun.
std::optional<Instant> update_sla(SlaStatus& status, const SlaOptions& sla, const Quality& quality, Instant now);

// The quality that `needed` of the checks show, each measurement by itself. Checks without samples are ignored.
// `places` are indices in Plan::checks.
Quality quality_of(const Plan& plan, const std::vector<std::size_t>& places, const HealthState& health,
                   std::size_t needed);

// The earliest instant at which `check` can change its health, if its latest results are contrary to it.
std::optional<Instant> earliest_turn(const CheckState& check, Instant now);

struct LinkStatus {
  LinkReport report;
  std::vector<SlaStatus> slas;  // in the order of Plan::link_slas
  std::optional<ActiveOverride> admin_override;
  std::optional<Instant> change_at;  // the earliest instant at which it can go up or down, if that is expected
  std::optional<Instant> next;       // when to evaluate again

  friend bool operator==(const LinkStatus&, const LinkStatus&) = default;
};

void evaluate_link(const Plan& plan, std::size_t link, const HealthState& health,
                   const ActiveOverrides& active_overrides, Instant now, LinkStatus& status);

// "12.3ms", "5.2%": measurements for people.
std::string milliseconds_text(Duration duration);
std::string percent_text(double part);

}  // namespace server
