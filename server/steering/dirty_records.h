// The records that have to be evaluated: those whose inputs changed, and those whose deadline has passed.
//
//     health, links, overrides -- compared with the last ones --> changed inputs -- the plan's index --> records
//     evaluated(record, next) ------------------------------------------- at its deadline -------------> records
//
// An event costs only the checks and records that it touches. Measurements that move with every probe (round trips,
// losses) mark only records that use measurements. A record that was never evaluated is due. A value; one thread.
#pragma once

#include <set>
#include <utility>

#include "server/steering/links.h"

namespace server {

class DirtyRecords {
 public:
  explicit DirtyRecords(const Plan& plan);  // the plan outlives this object and its copies

  void note_health(const HealthState& health, TouchedChecks touched);
  void note_overrides(const ActiveOverrides& before, const ActiveOverrides& now);
  void note_link(std::size_t link, const LinkStatus& before, const LinkStatus& now);

  std::vector<std::size_t> due(Instant now) const;  // ascending
  void evaluated(std::size_t record, std::optional<Instant> next) { set_due(record, next.value_or(Instant::max())); }
  std::optional<Instant> next() const;  // when the next record is due

 private:
  // The parts of a router's and a check's state that records depend on.
  struct LastRouter {
    VirtualRouterState state = VirtualRouterState::kUnknown;
    std::optional<std::size_t> active;
    std::string reason;  // only while it is unknown: it is part of the status text

    friend bool operator==(const LastRouter&, const LastRouter&) = default;
  };
  struct LastCheck {
    Health health = Health::kUnknown;
    unsigned contrary_results = 0;
    std::optional<Instant> may_change;
    std::string detail;  // only while it is not up
    Quality quality;
  };
  enum class Scope : std::uint8_t { kAll, kMeasured };

  void set_due(std::size_t record, Instant at);
  void mark(const std::vector<std::size_t>& records, Scope scope);
  void note_check(std::size_t check, const CheckState& state);

  const Plan* plan_;
  std::vector<LastRouter> routers_;
  std::vector<LastCheck> checks_;
  std::vector<Instant> due_;                             // by record; Instant::min(): at once, Instant::max(): never
  std::set<std::pair<Instant, std::size_t>> deadlines_;  // the same, in order of time; without those that are never due
};

}  // namespace server
