// The evaluator: computes address sets from health and overrides. A pure state machine; the caller passes the time.
//
//     health + overrides + now --> links (reliability, SLA windows) --> members (usable, degraded, down, unknown)
//                          --> policy --> damping (damping.h) --> TTL --> sets (render.h) --> Decision
//
// Only records whose inputs changed or whose deadline has passed are evaluated (dirty_records.h). The sets of all other
// records are the same objects as before.
//
// A value: `simulate` works on a copy. The evaluator returns an empty set only if the policy asks for NODATA. UNKNOWN
// inputs keep the last decision, or leave the record undecided (the zone file's records). One thread at a time.
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
  ManagedRrsets sets;                  // as Overlay::sets; undecided records have none; empty in mode kObserve
  std::vector<std::size_t> evaluated;  // indices of the evaluated records; all others are unchanged
  std::vector<Transition> transitions;
  std::optional<Instant> next;  // evaluate again at this time even if nothing changes
};

// If the clocks drift apart by more than this between two evaluations, one of them was set.
inline constexpr Duration kClockStep = std::chrono::milliseconds{100};

enum class RestoreError : std::uint8_t { kNotJson, kNotAState };

class Evaluator {
 public:
  explicit Evaluator(const Plan& plan);  // the plan outlives this object and its copies

  // Idempotent: a second call with the same arguments returns the same decision without transitions. Costs what the
  // touched checks and the other inputs change; each link and virtual router is visited.
  Decision evaluate(const HealthState& health, const std::vector<AdminOverride>& overrides, Instant now,
                    std::chrono::system_clock::time_point wall, TouchedChecks touched = std::nullopt);

  // Undecided records wait until `end` for inputs that are unknown. Without this call they wait without limit.
  void wait_until(Instant end) { wait_until_ = end; }

  // Makes the next call evaluate all records. Their decisions do not change; tests verify that.
  void mark_all_dirty() { dirty_ = DirtyRecords(*plan_); }

  const std::vector<RecordReport>& records() const { return record_reports_; }
  const std::vector<LinkReport>& links() const { return link_reports_; }
  const ActiveOverrides& active_overrides() const { return active_overrides_; }  // of the last `evaluate`
  std::size_t groups() const { return groups_.size(); }  // number of sets if every name is decided
  const Plan& plan() const { return *plan_; }

  // The state that survives a restart, as text (a JSON object). Members and links are stored by name, so the text can
  // be loaded into another plan: unknown names are ignored, and names without an entry start UNKNOWN. Call `restore`
  // before the first `evaluate`. On an error nothing is changed.
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
  Instant wait_until_ = Instant::max();
  DirtyRecords dirty_;
  std::optional<std::vector<AdminOverride>> overrides_;  // the overrides that `active_overrides_` was resolved from
  Duration clock_offset_{};                              // wall clock minus monotonic clock at that time
  ActiveOverrides active_overrides_;
  std::vector<RecordGroup> groups_;
  std::vector<std::size_t> group_of_;  // by record
  std::vector<ManagedRrsetPtr> sets_;  // by group; null: the zone file's records
  ManagedRrsets decided_;              // those of `sets_` that are not null
  std::vector<std::string> names_;     // by record
  std::vector<LastRouter> routers_;
  std::vector<LinkStatus> links_;
  std::vector<std::vector<MemberStatus>> members_;  // by record
  std::vector<RecordStatus> statuses_;              // by record
  std::vector<RecordReport> record_reports_;
  mutable std::vector<std::string> saved_texts_;  // by record: as saved last; empty: evaluated since then
  mutable Duration saved_clock_offset_{};         // wall clock minus monotonic clock when it was saved
  std::vector<LinkReport> link_reports_;
};

}  // namespace server
