// The evaluator: facts and orders in, address sets out. A pure state machine in whatever time it is given.
//
//     Facts + orders + now --> judge links (reliability, SLA windows) --> members (usable, degraded, down, unknown)
//                          --> policy --> holds (holds.h) --> TTL --> sets (render.h) --> Decision
//
// Judged are the answers that depend on what changed since the last time, and those whose time has come (agenda.h): the others' sets
// are the very same objects.
//
// A value: copying it is how `simulate` looks ahead. It never gives an empty set where the policy did not ask for NODATA, and
// what is UNKNOWN keeps the last decision, or none (the zone file's own set). One thread at a time.
#pragma once

#include <string>
#include <string_view>

#include "server/policy/admin.h"
#include "server/policy/facts.h"
#include "server/policy/report.h"
#include "server/steering/agenda.h"
#include "server/steering/render.h"
#include "server/store/overlay.h"
#include "zone/base/result.h"

namespace server {

struct Decision {
  std::vector<SharedSet> sets;        // as Overlay::sets; without those that are undecided; none where the mode is kObserve
  std::vector<std::size_t> judged;    // answers: all others are as they were
  std::vector<Transition> transitions;
  std::optional<Instant> next;        // when to evaluate again though nothing happens
};

// Two clocks that drift apart by more between two looks: one of them was set.
inline constexpr Duration kClockSet = std::chrono::milliseconds{100};

enum class RestoreError : std::uint8_t { kNotJson, kNotAState };

class Evaluator {
 public:
  explicit Evaluator(const Plan& plan);   // the plan outlives it and its copies

  // Idempotent: the same facts, orders and time give the same decision, without transitions the second time.
  Decision evaluate(const Facts& facts, const std::vector<Order>& orders, Instant now, std::chrono::system_clock::time_point wall);

  // All answers are judged the next time, as if everything had changed: they come out as they are, which tests insist on.
  void distrust() { agenda_ = Agenda(*plan_); }

  const std::vector<AnswerReport>& answers() const { return answer_reports_; }
  const std::vector<LinkReport>& links() const { return link_reports_; }
  const Standing& standing() const { return standing_; }   // of the last `evaluate`
  std::size_t groups() const { return groups_.size(); }    // as many sets there are where every name is decided
  const Plan& plan() const { return *plan_; }

  // What must outlive a restart, as text (a JSON object); members and links go by name, so that another plan can take it up:
  // what it does not know is passed over, and what is not in the text starts UNKNOWN. Before the first `evaluate`.
  // On an error nothing is taken up.
  std::string save(Instant now, std::chrono::system_clock::time_point wall) const;
  dns::Result<void, RestoreError> restore(std::string_view saved, Instant now, std::chrono::system_clock::time_point wall);

 private:
  struct SeenRouter {
    VirtualRouterState state = VirtualRouterState::kUnknown;
    std::optional<std::size_t> active;
  };

  void heed(const std::vector<Order>& orders, Instant now, std::chrono::system_clock::time_point wall);
  void judge_routers(const Facts& facts, Decision& decision);
  void judge_links(const Facts& facts, Instant now, Decision& decision);
  void judge_answer(std::size_t answer, const Facts& facts, Instant now, Decision& decision);
  void render_groups(Decision& decision);
  void report_answer(std::size_t answer);
  std::string words_of(const AnswerTrack& track, const AnswerOptions& options) const;

  const Plan* plan_;
  Agenda agenda_;
  std::optional<std::vector<Order>> orders_;          // that `standing_` comes of
  Duration clocks_apart_{};                           // wall clock and monotonic one, when it was made
  Standing standing_;
  std::vector<AnswerGroup> groups_;
  std::vector<std::size_t> group_of_;                 // by answer
  std::vector<SharedSet> sets_;                       // by group; null: the zone file's own
  std::vector<std::string> names_;                    // by answer
  std::vector<SeenRouter> routers_;
  std::vector<LinkStatus> links_;
  std::vector<std::vector<MemberStatus>> members_;    // by answer
  std::vector<AnswerTrack> tracks_;                   // by answer
  std::vector<AnswerReport> answer_reports_;
  mutable std::vector<std::string> said_;             // by answer: as last saved; empty: judged since
  mutable Duration said_apart_{};                     // the clocks, then
  std::vector<LinkReport> link_reports_;
};

}  // namespace server
