// Which records have to be evaluated: those that depend on what changed, and those whose own time has come.
//
//     health, links, overrides --compared with the last ones--> sources that changed --Plan's index--> records
//     evaluated(record, next) ------------------------------------------ due when its time comes -----> records
//
// So an event costs what hangs on it, whatever else is managed. What moves with every probe (round trips, losses)
// touches only records that are evaluated by measures. A record that was never evaluated is due. A value; one thread.
#pragma once

#include "server/steering/links.h"

namespace server {

class DirtyRecords {
 public:
  explicit DirtyRecords(const Plan& plan);  // outlives it and its copies

  void note_health(const HealthState& health);
  void note_overrides(const ActiveOverrides& before, const ActiveOverrides& now);
  void note_link(std::size_t link, const LinkStatus& before, const LinkStatus& now);

  bool is_due(std::size_t record, Instant now) const { return due_[record] <= now; }
  void evaluated(std::size_t record, std::optional<Instant> next) { due_[record] = next.value_or(Instant::max()); }
  std::optional<Instant> next() const;  // when the first is due

 private:
  // What records are evaluated by, of a router and of a check.
  struct LastRouter {
    VirtualRouterState state = VirtualRouterState::kUnknown;
    std::optional<std::size_t> active;

    friend bool operator==(const LastRouter&, const LastRouter&) = default;
  };
  struct LastCheck {
    Health health = Health::kUnknown;
    unsigned contrary_results = 0;
    std::optional<Instant> may_change;
    std::string detail;  // where it is down
    Quality quality;
  };
  enum class Scope : std::uint8_t { kAll, kMeasured };

  void mark(const std::vector<std::size_t>& records, Scope scope);
  void note_check(std::size_t check, const CheckState& state);

  const Plan* plan_;
  std::vector<LastRouter> routers_;
  std::vector<LastCheck> checks_;
  std::vector<Instant> due_;  // by record; the beginning of time: at once
};

}  // namespace server
