// The controller: all of failover that has no sockets. Health and overrides become overlays; every change of state
// becomes an event.
//
//     health, overrides, now --> evaluate() --> Evaluator --> sets --> an Overlay where they differ from the last
//                                          |--> transitions, alarms, changes of records --> events
//
//     starting --- all evidence known, or initial-round over, or the remembered state, unless it is late, decides every
//     name ---> steering
//
// While starting nothing is evaluated: a half-known world would choose a member that a better one, known a moment
// later, could only take over from after its failback delay. In observe mode everything is decided and told, and the
// overlay stays empty. Generations ascend from one overlay to the next, and over restarts.
//
// Time is handed in. One thread.
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

// The two clocks at an instant: one to judge by, one to tell people and to end overrides by.
struct Moment {
  Instant now{};
  WallTime wall{};
};

// A state that a person should look at.
struct Alarm {
  std::string subject, message;
  WallTime since{};
};

// Written on the failover thread, read by any.
struct SteeringCounters {
  Counter transitions_routers, transitions_links, transitions_members, transitions_records;
  Counter rewrites;  // overlays with other sets than the one before
  Counter evaluations;
  Counter overrides;  // given or taken back
  Counter alarms;     // begun
};

class FailoverController {
 public:
  using Listener = std::function<void(const Event& event)>;  // called during evaluate(), overrides and alarms

  FailoverController(SteeringOptions options, const SavedState& state, Moment at, Listener listener);

  // The generation that was published last, of which more may be known than what is remembered: a process that is
  // killed between the two leaves a memory that is late. On that alone nothing is decided; the evidence, or the end of
  // the initial round, is waited for.
  void set_published_generation(std::uint64_t generation) { saved_state_is_stale_ = generation > saved_generation_; }

  struct Evaluation {
    std::optional<Overlay> overlay;  // to be published
    std::optional<Instant> next;     // when to evaluate again though nothing happens
    bool changed = false;            // something is worth remembering
  };
  Evaluation evaluate(HealthState health, Moment at);

  // Another plan: state is kept by names. The next evaluation publishes under it.
  void reconfigure(SteeringOptions options, Moment at);

  // Subjects are as `health_subjects` and `record_subjects` give them.
  void add_override(AdminOverride entry, Moment at);
  bool remove_override(OverrideGroup of, const std::string& subject, const std::string& by, Moment at);

  // Alarms of others than the evidence: a key of its own each. Raising one again with the same words does nothing.
  void raise_alarm(const std::string& key, std::string subject, std::string message, Moment at);
  void clear_alarm(const std::string& key, Moment at);
  void add_note(std::string message, Moment at);

  SavedState state_to_save(Moment at) const;

  const Plan& plan() const { return *plan_; }
  const Evaluator& evaluator() const { return *evaluator_; }
  // Sets as last decided, in observe mode too; null: undecided.
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
  void update_router_alarms(Moment at);
  void update_record_alarms(const std::vector<std::size_t>& evaluated, Moment at);
  void update_link_alarms(Moment at);
  void update_alarm(bool holds, const std::string& key, const std::string& subject, std::string_view message,
                    Moment at);
  std::optional<Overlay> make_overlay(std::vector<ManagedRrsetPtr> sets, Moment at);

  std::unique_ptr<const Plan> plan_;  // outlives the evaluator; in one place over moves of this
  std::optional<Evaluator> evaluator_;
  std::shared_ptr<const dns::ViewTable> views_;  // shared with the snapshots
  OverrideTable overrides_;
  HealthState health_;
  std::optional<Instant> starting_until_;
  std::uint64_t generation_;
  std::uint64_t saved_generation_;  // generation
  bool saved_state_is_stale_ = false;
  std::vector<ManagedRrsetPtr> decided_;
  std::optional<std::vector<ManagedRrsetPtr>> published_;
  std::map<std::string, std::string> addresses_;  // by record: as in the last event
  std::map<std::string, Alarm> alarms_;
  EventRing events_;
  SteeringCounters counters_;
  Listener listener_;
};

// The addresses that a record's report says are served: "203.0.113.10, 203.0.113.11"; "nodata", "default".
std::string addresses_text(const RecordOptions& record, const RecordReport& report);

}  // namespace server
