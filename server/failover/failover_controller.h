// The failover logic without sockets: computes overlays from health and overrides, and emits an event for every change
// of state.
//
//     health, overrides, now --> evaluate() --> Evaluator --> sets --> an Overlay, if they differ from the last ones
//                                          |--> transitions, alarms, changes of records --> events
//
//     starting --- all inputs are known, or initial-round is over, or the saved state decides every name and is
//                  not stale ---> active
//
// While starting, nothing is evaluated. With incomplete inputs the controller could choose a member that is not the
// best one; the best one would then have to wait for its failback delay. In observe mode everything is decided and
// logged, and the overlay stays empty. Generations increase with each overlay, also across restarts.
//
// The caller passes the time. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "server/failover/events.h"
#include "server/failover/override_table.h"
#include "server/failover/saved_state.h"
#include "server/observe/counters.h"
#include "server/steering/evaluator.h"

namespace server {

// One instant on both clocks: the monotonic clock for decisions, the wall clock for people and the end of overrides.
struct Moment {
  Instant now{};
  WallTime wall{};
};

// A condition that needs attention.
struct Alarm {
  std::string subject, message;
  WallTime since{};
};

// Written by the failover thread, read by any thread.
struct SteeringCounters {
  Counter transitions_routers, transitions_links, transitions_members, transitions_records;
  Counter rewrites;  // overlays whose sets differ from those of the previous overlay
  Counter evaluations;
  Counter overrides;  // added or removed
  Counter alarms;     // raised
};

class FailoverController {
 public:
  using Listener = std::function<void(const Event& event)>;  // called during evaluate(), overrides and alarms

  FailoverController(SteeringOptions options, const SavedState& state, Moment at, Listener listener);

  // The generation that was published last. It is newer than the saved one if the process was killed between
  // publication and saving; the saved state is then stale. A stale state alone decides nothing: the controller waits
  // for the inputs or for the end of the initial round.
  void set_published_generation(std::uint64_t generation) { saved_state_is_stale_ = generation > saved_generation_; }

  struct Evaluation {
    std::optional<Overlay> overlay;  // to be published
    std::optional<Instant> next;     // evaluate again at this time even if nothing changes
    bool changed = false;            // the state should be saved
  };
  Evaluation evaluate(const HealthReading& reading, Moment at);

  // Replaces the plan. State is carried over by name. The next evaluation publishes an overlay of the new plan.
  void reconfigure(SteeringOptions options, Moment at);

  // After an exception: the next evaluation evaluates all records and publishes them.
  void decide_anew();

  // `subject` must be in the form that `health_subjects` and `record_subjects` return.
  void add_override(AdminOverride entry, Moment at);
  bool remove_override(OverrideGroup of, const std::string& subject, const std::string& by, Moment at);

  // For alarms that do not come from an evaluation; each uses its own key. Raising an alarm again with the same message
  // does nothing.
  void raise_alarm(const std::string& key, std::string subject, std::string message, Moment at);
  void clear_alarm(const std::string& key, Moment at);
  void add_note(std::string message, Moment at);

  // Managed names that the store cannot override, with its message: they are served as in the zone file, whatever is
  // decided. Replaces the previous list.
  using SuspendedNames = std::map<std::string, std::string>;  // by managed_name()
  void set_suspended(SuspendedNames names, Moment at);
  // The message; null if the record is not suspended.
  const std::string* suspended(std::size_t record) const;

  SavedState state_to_save(Moment at) const;

  const Plan& plan() const { return *plan_; }
  std::shared_ptr<const Plan> shared_plan() const { return plan_; }  // for work that outlasts a reload
  const Evaluator& evaluator() const { return *evaluator_; }
  // The set as decided last, also in observe mode; null: undecided.
  const ManagedRrset* decided(const dns::Name& owner, dns::Type type) const;
  const dns::ViewTable* views() const { return views_.get(); }
  const HealthState& health() const { return health_; }  // of the last evaluation
  const OverrideTable& overrides() const { return overrides_; }
  const std::map<std::string, Alarm>& alarms() const { return alarms_; }
  const EventRing& events() const { return events_; }
  const SteeringCounters& counters() const { return counters_; }
  std::uint64_t generation() const { return generation_; }
  bool starting() const { return starting_until_.has_value(); }

 private:
  bool may_start(const HealthState& health, Moment at) const;
  void expire_overrides(Moment at);
  void emit(Event event, Moment at);
  void emit_transitions(const Decision& decision, Moment at);
  void emit_record_changes(const std::vector<std::size_t>& evaluated, Moment at);
  void emit_record_change(std::size_t record, Moment at);
  void take(const HealthReading& reading);
  void update_router_alarms(Moment at);
  void update_check_alarms(Moment at);
  void update_record_alarms(const std::vector<std::size_t>& evaluated, Moment at);
  void update_link_alarms(bool evaluated, Moment at);
  void update_alarm(bool holds, const std::string& key, const std::string& subject, std::string_view message,
                    Moment at);
  std::optional<Overlay> make_overlay(ManagedRrsets sets, Moment at);

  // Outlives the evaluator; at a stable address when this object moves. Shared with readers on other threads.
  std::shared_ptr<const Plan> plan_;
  std::optional<Evaluator> evaluator_;
  std::shared_ptr<const dns::ViewTable> views_;  // shared with the snapshots
  OverrideTable overrides_;
  HealthState health_;
  std::optional<Instant> starting_until_;
  std::uint64_t generation_;
  std::uint64_t saved_generation_;  // the generation in the saved state
  bool saved_state_is_stale_ = false;
  bool evaluated_ = false;  // by this evaluator: it has seen all of `health_`
  bool check_alarms_may_differ_ = true, router_alarms_may_differ_ = true;
  ManagedRrsets decided_;
  std::optional<ManagedRrsets> published_;
  std::map<std::string, std::string> addresses_;  // by record name: as in the last event
  SuspendedNames suspended_;
  std::map<std::string, Alarm> alarms_;
  std::map<std::string, Alarm> check_alarms_;  // by key: those of the last evaluation
  std::chrono::sys_days link_alarms_of_{};     // the day for which the alarms of deprecated links were updated
  EventRing events_;
  SteeringCounters counters_;
  Listener listener_;
};

// The addresses that are served according to the report: "203.0.113.10, 203.0.113.11", "nodata", or "default" (the zone
// file's records).
std::string addresses_text(const RecordOptions& record, const RecordReport& report);

}  // namespace server
