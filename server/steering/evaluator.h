// The evaluator: health and overrides in, address sets out. A pure state machine in whatever time it is given.
//
//     health + overrides + now --> judge links (reliability, SLA windows) --> members (usable, degraded, down, unknown)
//                          --> policy --> damping (damping.h) --> TTL --> sets (render.h) --> Decision
//
// Evaluated are the records that depend on what changed since the last time, and those whose time has come
// (dirty_records.h): the others' sets are the very same objects.
//
// A value: copying it is how `simulate` looks ahead. It never gives an empty set where the policy did not ask for
// NODATA, and what is UNKNOWN keeps the last decision, or none (the zone file's own set). One thread at a time.
#pragma once

#include <string>
#include <string_view>

#include "server/steering/active_overrides.h"
#include "server/steering/dirty_records.h"
#include "server/steering/plan.h"
#include "server/steering/render.h"
#include "server/steering/report.h"
#include "server/store/overlay.h"
#include "zone/base/result.h"

namespace server {

struct Decision {
  std::vector<ManagedRrsetPtr>
      sets;  // as Overlay::sets; without those that are undecided; none where the mode is kObserve
  std::vector<std::size_t> evaluated;  // records: all others are as they were
  std::vector<Transition> transitions;
  std::optional<Instant> next;  // when to evaluate again though nothing happens
};

// Two clocks that drift apart by more between two looks: one of them was set.
inline constexpr Duration kClockStep = std::chrono::milliseconds{100};

enum class RestoreError : std::uint8_t { kNotJson, kNotAState };

class Evaluator {
 public:
  explicit Evaluator(const Plan& plan);  // the plan outlives it and its copies

  // Idempotent: the same health, overrides and time give the same decision, without transitions the second time.
  Decision evaluate(const HealthState& health, const std::vector<AdminOverride>& overrides, Instant now,
                    std::chrono::system_clock::time_point wall);

  // All records are evaluated the next time, as if everything had changed: they come out as they are, which tests
  // insist on.
  void mark_all_dirty() { dirty_ = DirtyRecords(*plan_); }

  const std::vector<RecordReport>& records() const { return record_reports_; }
  const std::vector<LinkReport>& links() const { return link_reports_; }
  const ActiveOverrides& active_overrides() const { return active_overrides_; }  // of the last `evaluate`
  std::size_t groups() const { return groups_.size(); }  // as many sets there are where every name is decided
  const Plan& plan() const { return *plan_; }

  // What must outlive a restart, as text (a JSON object); members and links go by name, so that another plan can take
  // it up: what it does not know is passed over, and what is not in the text starts UNKNOWN. Before the first
  // `evaluate`. On an error nothing is taken up.
  std::string save(Instant now, std::chrono::system_clock::time_point wall) const;
  dns::Result<void, RestoreError> restore(std::string_view saved, Instant now,
                                          std::chrono::system_clock::time_point wall);

 private:
  struct LastRouter {
    VirtualRouterState state = VirtualRouterState::kUnknown;
    std::optional<std::size_t> active;
  };

  void update_overrides(const std::vector<AdminOverride>& overrides, Instant now,
                        std::chrono::system_clock::time_point wall);
  void update_routers(const HealthState& health, Decision& decision);
  void update_links(const HealthState& health, Instant now, Decision& decision);
  void evaluate_record(std::size_t record, const HealthState& health, Instant now, Decision& decision);
  void render_groups(Decision& decision);
  void update_report(std::size_t record);
  std::string state_text(const RecordStatus& status, const RecordOptions& options) const;

  const Plan* plan_;
  DirtyRecords dirty_;
  std::optional<std::vector<AdminOverride>> overrides_;  // that `active_overrides_` comes of
  Duration clock_offset_{};                              // wall clock and monotonic one, when it was made
  ActiveOverrides active_overrides_;
  std::vector<RecordGroup> groups_;
  std::vector<std::size_t> group_of_;  // by record
  std::vector<ManagedRrsetPtr> sets_;  // by group; null: the zone file's own
  std::vector<std::string> names_;     // by record
  std::vector<LastRouter> routers_;
  std::vector<LinkStatus> links_;
  std::vector<std::vector<MemberStatus>> members_;  // by record
  std::vector<RecordStatus> statuses_;              // by record
  std::vector<RecordReport> record_reports_;
  mutable std::vector<std::string> saved_texts_;  // by record: as last saved; empty: evaluated since
  mutable Duration saved_clock_offset_{};         // the clocks, then
  std::vector<LinkReport> link_reports_;
};

}  // namespace server
