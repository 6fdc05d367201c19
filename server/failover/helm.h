// The helm: all of failover that has no sockets. Facts and orders become overlays; every change of state becomes an event.
//
//     facts, orders, now --> turn() --> Evaluator --> sets --> an Overlay where they differ from the last
//                                          |--> transitions, alarms, changes of answers --> events
//
//     starting --- all evidence known, or initial-round over, or the remembered state, unless it is late, answers every name ---> steering
//
// While starting nothing is evaluated: a half-known world would choose a member that a better one, known a moment later, could
// only take over from after its failback delay. In observe mode everything is decided and told, and the overlay stays empty.
// Generations ascend from one overlay to the next, and over restarts.
//
// Time is handed in. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "server/failover/events.h"
#include "server/failover/memory.h"
#include "server/failover/orders.h"
#include "server/observe/counters.h"
#include "server/steering/evaluator.h"

namespace server {

// The two clocks at an instant: one to judge by, one to tell people and to end orders by.
struct Moment {
  Instant now{};
  WallTime wall{};
};

// A state that a person should look at.
struct Alarm {
  std::string subject, words;
  WallTime since{};
};

// Written on the failover thread, read by any.
struct SteeringCounters {
  Counter transitions_routers, transitions_links, transitions_members, transitions_answers;
  Counter rewrites;       // overlays with other sets than the one before
  Counter evaluations;
  Counter orders;         // given or taken back
  Counter alarms;         // begun
};

class Helm {
 public:
  using Listener = std::function<void(const Event& event)>;   // called during turn(), orders and alarms

  Helm(SteeringOptions options, const Memory& memory, Moment at, Listener listener);

  // The generation that was published last, of which more may be known than what is remembered: a process that is killed between
  // the two leaves a memory that is late. On that alone nothing is decided; the evidence, or the end of the initial round, is waited for.
  void published_before(std::uint64_t generation) { memory_is_late_ = generation > remembered_; }

  struct Turn {
    std::optional<Overlay> overlay;   // to be published
    std::optional<Instant> next;      // when to turn again though nothing happens
    bool moved = false;               // something is worth remembering
  };
  Turn turn(Facts facts, Moment at);

  // Another plan: state is kept by names. The next turn publishes under it.
  void replan(SteeringOptions options, Moment at);

  // Subjects are as `health_subjects` and `answer_subjects` give them.
  void place(Order order, Moment at);
  bool take_back(OrderFamily of, const std::string& subject, const std::string& by, Moment at);

  // Alarms of others than the evidence: a key of its own each. Raising one again with the same words does nothing.
  void raise_alarm(const std::string& key, std::string subject, std::string words, Moment at);
  void clear_alarm(const std::string& key, Moment at);
  void note(std::string words, Moment at);

  Memory remember(Moment at) const;

  const Plan& plan() const { return *plan_; }
  const Evaluator& evaluator() const { return *evaluator_; }
  // Sets as last decided, in observe mode too; null: undecided.
  const ManagedSet* decided(const dns::Name& owner, dns::Type type) const;
  const dns::ViewTable* views() const { return views_.get(); }
  const Facts& facts() const { return facts_; }                    // of the last turn
  const OrderBook& orders() const { return orders_; }
  const std::map<std::string, Alarm>& alarms() const { return alarms_; }
  const EventRing& events() const { return events_; }
  const SteeringCounters& counters() const { return counters_; }
  std::uint64_t generation() const { return generation_; }
  bool starting() const { return starting_until_.has_value(); }

 private:
  bool may_begin(const Facts& facts, Moment at) const;
  void expire_orders(Moment at);
  void tell(Event event, Moment at);
  void tell_transitions(const Decision& decision, Moment at);
  void tell_answers(const std::vector<std::size_t>& judged, Moment at);
  void judge_router_alarms(Moment at);
  void judge_answer_alarms(const std::vector<std::size_t>& judged, Moment at);
  void judge_link_alarms(Moment at);
  void judge_alarm(bool holds, const std::string& key, const std::string& subject, std::string_view words, Moment at);
  std::optional<Overlay> overlay_of(std::vector<SharedSet> sets, Moment at);

  std::unique_ptr<const Plan> plan_;          // outlives the evaluator; in one place over moves of this
  std::optional<Evaluator> evaluator_;
  std::shared_ptr<const dns::ViewTable> views_;   // shared with the snapshots
  OrderBook orders_;
  Facts facts_;
  std::optional<Instant> starting_until_;
  std::uint64_t generation_;
  std::uint64_t remembered_;                  // generation
  bool memory_is_late_ = false;
  std::vector<SharedSet> decided_;
  std::optional<std::vector<SharedSet>> published_;
  std::map<std::string, std::string> addresses_;  // by answer: as last told
  std::map<std::string, Alarm> alarms_;
  EventRing events_;
  SteeringCounters counters_;
  Listener listener_;
};

// The addresses that an answer's report says are served: "203.0.113.10, 203.0.113.11"; "nodata", "default".
std::string addresses_text(const AnswerOptions& answer, const AnswerReport& report);

}  // namespace server
