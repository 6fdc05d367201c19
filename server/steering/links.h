// Links evaluated: is the path there (reliability), and is it good enough (SLA classes).
//
//     targets' checks --> K of N up: UP        fewer can be up: DOWN, at once        else UNKNOWN
//
//     SLA, for each class that judges the link, once a decision tick (1 s):
//
//           `bad_windows` ticks in a row over `bad`
//     MET -----------------------------------------> VIOLATED
//         <-----------------------------------------
//           `good_windows` ticks in a row within `good`
//
// A measure that swings around one threshold therefore changes the judgement at most once. A link is DEGRADED while a
// class that judges it is violated; members ask for their own record's class only: voice may avoid what bulk takes. The
// quality of a link is what K of its targets show: a dead target beyond them says nothing about the path. Values.
#pragma once

#include <span>

#include "server/steering/active_overrides.h"
#include "server/steering/plan.h"
#include "server/steering/report.h"

namespace server {

inline constexpr Duration kDecisionTick = std::chrono::seconds{1};

struct SlaStatus {
  bool violated = false;
  unsigned streak = 0;  // ticks in a row that speak for the other judgement
  std::optional<Instant> last_tick;
  double excess = 0;   // the worst measure in parts of its `bad`
  std::string reason;  // "loss 5.2% over 1.0%"

  friend bool operator==(const SlaStatus&, const SlaStatus&) = default;
};

// One judgement of `quality`: at most one tick a second is counted. No samples: nothing changes.
// Gives when to look again, where a streak has begun.
std::optional<Instant> update_sla(SlaStatus& status, const SlaOptions& sla, const Quality& quality, Instant now);

// What `needed` of the checks show, each measure on its own; checks without samples are passed over.
Quality quality_of(std::span<const CheckState* const> checks, std::size_t needed);

// The earliest instant at which `check` can turn, where results already speak for it.
std::optional<Instant> earliest_turn(const CheckState& check, Instant now);

struct LinkStatus {
  LinkReport report;
  std::vector<SlaStatus> slas;  // by Plan::link_slas
  std::optional<ActiveOverride> admin_override;
  std::optional<Instant> change_at;  // the earliest at which it can be another, where anything points to it
  std::optional<Instant> next;       // when to judge again

  friend bool operator==(const LinkStatus&, const LinkStatus&) = default;
};

void evaluate_link(const Plan& plan, std::size_t link, const HealthState& health,
                   const ActiveOverrides& active_overrides, Instant now, LinkStatus& status);

// "12.3ms", "5.2%": measures as people read them.
std::string milliseconds_text(Duration duration);
std::string percent_text(double part);

}  // namespace server
