#include "server/steering/simulate.h"

#include <algorithm>
#include <limits>
#include <set>

namespace server {

namespace {

inline constexpr std::size_t kNothing = std::numeric_limits<std::size_t>::max();
inline constexpr Duration kUsualAdvertisement = std::chrono::seconds{1};   // where nothing was heard to learn it from

// Something that turns in the facts.
struct Turn {
  enum class What : std::uint8_t { kFailure, kDown, kSuspect, kTakeover } what{};
  Instant at{};
  std::size_t index = 0;     // of the check or virtual router
  unsigned failures = 0;     // in a row
};

bool includes(const std::vector<std::size_t>& list, std::size_t item) { return std::find(list.begin(), list.end(), item) != list.end(); }

// The faults as turns of facts.
class Script {
 public:
  Script(const Plan& plan, const SimulationStart& start) : plan_(plan), start_(start), failed_(plan.options.virtual_routers.size()) {
    for (std::size_t i = 0; i < failed_.size(); ++i) failed_[i].resize(plan.options.virtual_routers[i].routers.size());
  }

  enum class Found : std::uint8_t { kUnknownSubject, kUnseen, kSeen };

  Found add(const Fault& fault) {
    const Instant at = start_.now + fault.at;
    switch (fault.kind) {
      case FaultKind::kLink: return fail_link(fault.subject, at);
      case FaultKind::kRouter: return fail_router(fault.subject, at);
      case FaultKind::kVirtualRouter: return fail_virtual_router(fault.subject, at);
      case FaultKind::kMember: return fail_member(fault.subject, at);
    }
    return Found::kUnknownSubject;
  }

  std::vector<Turn> take() {
    std::stable_sort(turns_.begin(), turns_.end(), [](const Turn& a, const Turn& b) { return a.at < b.at; });
    return std::move(turns_);
  }

  // Who takes over: the next router that has not failed.
  std::size_t successor(std::size_t virtual_router) const {
    const auto& failed = failed_[virtual_router];
    const auto alive = std::find(failed.begin(), failed.end(), false);
    return alive == failed.end() ? kNothing : static_cast<std::size_t>(alive - failed.begin());
  }

 private:
  void fail_check(std::size_t index, Instant at) {
    if (includes(failed_checks_, index)) return;
    failed_checks_.push_back(index);
    const MonitorOptions& monitor = plan_.checks[index].monitor;
    const unsigned fall = std::max(monitor.fall, 1U);
    for (unsigned failure = 1; failure <= fall; ++failure) {
      turns_.push_back({failure == fall ? Turn::What::kDown : Turn::What::kFailure, at + monitor.interval * failure + monitor.timeout, index, failure});
    }
  }

  Found fail_link(std::string_view name, Instant at) {
    const std::vector<LinkOptions>& links = plan_.options.links;
    const auto link = std::find_if(links.begin(), links.end(), [&](const LinkOptions& options) { return options.name == name; });
    if (link == links.end()) return Found::kUnknownSubject;
    const std::size_t index = static_cast<std::size_t>(link - links.begin());
    failed_links_.push_back(index);
    std::vector<std::size_t> failing = plan_.link_checks[index];
    for (std::size_t check = 0; check < plan_.checks.size(); ++check) {
      if (only_behind_failed(check)) failing.push_back(check);
    }
    for (const std::size_t check : failing) fail_check(check, at);
    return failing.empty() ? Found::kUnseen : Found::kSeen;
  }

  // Whether all services that use the check are reached over links that failed.
  bool only_behind_failed(std::size_t check) const {
    bool used = false;
    for (std::size_t i = 0; i < plan_.member_checks.size(); ++i) {
      for (std::size_t m = 0; m < plan_.member_checks[i].size(); ++m) {
        if (!includes(plan_.member_checks[i][m], check)) continue;
        const std::optional<std::size_t>& link = plan_.options.answers[i].members[m].link;
        if (!link || !includes(failed_links_, *link)) return false;
        used = true;
      }
    }
    return used;
  }

  std::size_t virtual_router_of(std::string_view name) const {
    const std::vector<VirtualRouterOptions>& routers = plan_.options.virtual_routers;
    const auto found = std::find_if(routers.begin(), routers.end(), [&](const VirtualRouterOptions& options) { return options.name == name; });
    return found == routers.end() ? kNothing : static_cast<std::size_t>(found - routers.begin());
  }

  Found fail_router(std::string_view subject, Instant at) {
    const std::size_t colon = std::min(subject.rfind(':'), subject.size());
    const std::size_t index = virtual_router_of(subject.substr(0, colon));
    if (index == kNothing || colon == subject.size()) return Found::kUnknownSubject;
    const std::vector<RouterOptions>& routers = plan_.options.virtual_routers[index].routers;
    const auto router = std::find_if(routers.begin(), routers.end(), [&](const RouterOptions& options) { return options.name == subject.substr(colon + 1); });
    if (router == routers.end()) return Found::kUnknownSubject;
    const std::size_t place = static_cast<std::size_t>(router - routers.begin());
    failed_[index][place] = true;
    if (start_.facts.routers[index].active == place) {
      silence(index, at);
    } else if (!silent_.contains(index)) {
      return Found::kUnseen;   // a backup says nothing, and is not missed
    }
    return Found::kSeen;
  }

  Found fail_virtual_router(std::string_view subject, Instant at) {
    const std::size_t index = virtual_router_of(subject);
    if (index == kNothing) return Found::kUnknownSubject;
    failed_[index].assign(failed_[index].size(), true);
    if (start_.facts.routers[index].state == VirtualRouterState::kNoActive) return Found::kUnseen;
    silence(index, at);
    return Found::kSeen;
  }

  // As the timers of the observer and of the backups go.
  void silence(std::size_t index, Instant at) {
    if (!silent_.insert(index).second) return;
    const Observation& seen = start_.facts.routers[index];
    const unsigned missed = std::max(plan_.options.virtual_routers[index].down_timer_adverts, 1U);
    Duration interval = kUsualAdvertisement;
    if (seen.may_change && *seen.may_change > start_.now) interval = (*seen.may_change - start_.now) / std::max(missed - 1, 1U);
    turns_.push_back({Turn::What::kSuspect, at + interval * missed, index, 0});
    turns_.push_back({Turn::What::kTakeover, at + interval * (missed + 1), index, 0});
  }

  Found fail_member(std::string_view subject, Instant at) {
    bool known = false, seen = false;
    for (std::size_t i = 0; i < plan_.options.answers.size(); ++i) {
      const std::string answer = answer_name(plan_.options, i);
      const std::vector<MemberOptions>& members = plan_.options.answers[i].members;
      for (std::size_t m = 0; m < members.size(); ++m) {
        if (subject != answer + ":" + members[m].name && subject != "*:" + members[m].name) continue;
        known = true;
        for (const std::size_t check : plan_.member_checks[i][m]) fail_check(check, at);
        seen = seen || !plan_.member_checks[i][m].empty();
      }
    }
    return !known ? Found::kUnknownSubject : seen ? Found::kSeen : Found::kUnseen;
  }

  const Plan& plan_;
  const SimulationStart& start_;
  std::vector<std::vector<bool>> failed_;       // by virtual router, by router
  std::vector<std::size_t> failed_checks_, failed_links_;
  std::set<std::size_t> silent_;
  std::vector<Turn> turns_;
};

void apply_turn(const Turn& turn, const Plan& plan, const Script& script, Facts& facts) {
  if (turn.what == Turn::What::kFailure || turn.what == Turn::What::kDown) {
    CheckState& state = facts.checks[turn.index];
    if (state.health == Health::kDown) return;
    const bool down = turn.what == Turn::What::kDown;
    const MonitorOptions& monitor = plan.checks[turn.index].monitor;
    state.contrary = down ? 0 : turn.failures;
    state.detail = "simulated failure";
    state.may_change = down ? turn.at + monitor.interval * monitor.rise : turn.at + monitor.interval * (monitor.fall - turn.failures);
    if (!down) return;
    state.health = Health::kDown;
    state.since = turn.at;
    return;
  }
  Observation& seen = facts.routers[turn.index];
  seen.evidence = "simulated silence";
  seen.may_change = std::nullopt;
  seen.since = turn.at;
  if (turn.what == Turn::What::kSuspect) {
    seen.state = VirtualRouterState::kSuspect;
    return;
  }
  const std::size_t next = script.successor(turn.index);
  seen.state = next == kNothing ? VirtualRouterState::kNoActive : VirtualRouterState::kActive;
  seen.active = next == kNothing ? std::nullopt : std::optional(next);
}

SimulatedAnswer answer_of(const AnswerReport& report) { return {report.state, report.chosen, report.ttl, report.rule}; }

bool is_same(const SimulatedAnswer& a, const SimulatedAnswer& b) { return a.state == b.state && a.members == b.members && a.ttl == b.ttl; }

class Run {
 public:
  Run(const Evaluator& evaluator, const SimulationStart& start) : evaluator_(evaluator), start_(start), facts_(start.facts) {}

  Simulation run(const Script& script, const std::vector<Turn>& turns, Instant first_fault, Instant end) {
    step(start_.now);
    for (const AnswerReport& report : evaluator_.answers()) simulation_.answers.push_back({answer_of(report), answer_of(report), {}, {}, {}});
    std::size_t turn = 0;
    Instant now = start_.now;
    for (std::size_t steps = 0; steps < kMaxSimulatedSteps; ++steps) {
      Instant next = end;
      if (turn < turns.size()) next = std::min(next, turns[turn].at);
      if (decision_.next) next = std::min(next, std::max(*decision_.next, now + std::chrono::nanoseconds{1}));
      now = next;
      while (turn < turns.size() && turns[turn].at <= now) apply_turn(turns[turn++], evaluator_.plan(), script, facts_);
      step(now);
      note(now, first_fault);
      if (now >= end) break;
    }
    simulation_.sets = std::move(decision_.sets);
    return std::move(simulation_);
  }

 private:
  void step(Instant now) {
    const auto since = std::chrono::duration_cast<std::chrono::system_clock::duration>(now - start_.now);
    decision_ = evaluator_.evaluate(facts_, start_.orders, now, start_.wall + since);
  }

  void note(Instant now, Instant first_fault) {
    for (std::size_t i = 0; i < simulation_.answers.size(); ++i) {
      AnswerCourse& course = simulation_.answers[i];
      SimulatedAnswer present = answer_of(evaluator_.answers()[i]);
      if (is_same(course.after, present)) {
        course.after.rule = std::move(present.rule);
        continue;
      }
      if (!course.detection && present.members != course.after.members && now >= first_fault) {
        course.detection = now - first_fault;
        course.exposure = *course.detection + std::chrono::seconds{course.before.ttl};
      }
      course.changes.push_back({now - start_.now, present});
      course.after = std::move(present);
    }
  }

  Evaluator evaluator_;   // a copy
  const SimulationStart& start_;
  Facts facts_;
  Decision decision_;
  Simulation simulation_;
};

}  // namespace

dns::Result<Simulation, SimulationError> simulate(const Evaluator& evaluator, const SimulationStart& start, const std::vector<Fault>& faults, Duration horizon) {
  Script script(evaluator.plan(), start);
  std::vector<std::size_t> unseen;
  Instant first = start.now + horizon;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const Script::Found found = script.add(faults[i]);
    if (found == Script::Found::kUnknownSubject) return dns::Failure(SimulationError{i});
    if (found == Script::Found::kUnseen) unseen.push_back(i);
    first = std::min(first, start.now + faults[i].at);
  }
  const std::vector<Turn> turns = script.take();
  Simulation simulation = Run(evaluator, start).run(script, turns, first, start.now + horizon);
  simulation.unseen = std::move(unseen);
  return simulation;
}

}  // namespace server
