#include "server/steering/simulate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "server/health/health_tracker.h"

namespace server {

namespace {

inline constexpr std::size_t kNothing = std::numeric_limits<std::size_t>::max();

// One change of the health.
struct HealthChange {
  enum class What : std::uint8_t { kResult, kRouterFails } what{};
  Instant at{};
  std::size_t index = 0;    // of the failing check or the virtual router
  std::int64_t number = 0;  // of the result after the failure, from 1; of the router
};

// A check that fails from `failed_at` on. Its tracker has the results that led to its present state.
class FailingCheck {
 public:
  FailingCheck(std::size_t index, const CheckOptions& options, const CheckState& seen, Instant failed_at)
      : index_(index),
        monitor_(options.monitor),
        seen_(seen),
        failed_at_(failed_at),
        tracker_(tracker_options(monitor_), seen.since) {
    monitor_.interval = std::max(monitor_.interval, Duration{1});  // what follows divides by it
    tracker_.restore(seen.health, seen.since);
    add_earlier_results();
    if (tracker_.state().health != seen.health) {
      tracker_ = HealthTracker(tracker_options(monitor_), seen.since);
      tracker_.restore(seen.health, seen.since);
    }
    transitions_ = tracker_.state().transitions;
  }

  std::size_t index() const { return index_; }
  // Until it is down and its window has only failures.
  std::int64_t results() const { return monitor_.window / monitor_.interval + monitor_.fall + 1; }
  Instant result_at(std::int64_t number) const {
    return failed_at_ + monitor_.interval * number + time_to_fail(monitor_);
  }

  CheckState add_result(Instant at, std::int64_t number) {
    tracker_.add_result(at, {Outcome::kFailed, {}, "simulated failure"});
    const std::int64_t started = (at - failed_at_) / monitor_.interval;
    tracker_.set_schedule(at, {.next = failed_at_ + monitor_.interval * (started + 1),
                               .in_flight = static_cast<unsigned>(std::max<std::int64_t>(started - number, 0))});
    CheckState state = tracker_.state();
    if (state.transitions == transitions_) state.since = seen_.since;
    state.transitions += seen_.transitions - transitions_;
    return state;
  }

 private:
  // Results with the measurements of the present state, one per interval until the failure.
  void add_earlier_results() {
    const auto full = static_cast<std::size_t>(monitor_.window / monitor_.interval) + 1;
    const std::size_t count = std::min({seen_.quality.samples, full, Window::kMaxSamples});
    const std::size_t lost = static_cast<std::size_t>(std::lround(seen_.quality.loss * static_cast<double>(count)));
    const std::size_t contrary = seen_.health == Health::kUp ? seen_.contrary_results : 0;
    const std::size_t apart = lost > contrary ? std::max<std::size_t>(count / (lost - contrary), 1) : count + 1;
    for (std::size_t left = count; left-- > 0;) {
      const bool failed = left < contrary || (left - contrary) % apart == apart - 1;
      ProbeResult result{failed ? Outcome::kFailed : Outcome::kOk, {}, seen_.detail};
      if (!failed) result.measurements = {.latency = seen_.quality.latency, .jitter = seen_.quality.jitter, .loss = {}};
      tracker_.add_result(failed_at_ - monitor_.interval * static_cast<std::int64_t>(left), result);
    }
  }

  std::size_t index_;
  MonitorOptions monitor_;
  CheckState seen_;
  Instant failed_at_;
  HealthTracker tracker_;
  std::uint64_t transitions_ = 0;
};

bool includes(const std::vector<std::size_t>& list, std::size_t item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// Converts failures to changes of the health.
class FailureScript {
 public:
  FailureScript(const Plan& plan, const SimulationStart& start) : plan_(plan), start_(start) {
    for (std::size_t i = 0; i < plan.options.virtual_routers.size(); ++i) {
      if (i < start.routers.size()) courses_.emplace_back(start.routers[i], start.now);
      else courses_.emplace_back(plan.options.virtual_routers[i], start.health.routers[i].active, start.now);
    }
  }

  enum class Found : std::uint8_t { kUnknownSubject, kUndetected, kDetected };

  Found add(const SimulatedFailure& failure) {
    const Instant at = start_.now + failure.at;
    switch (failure.kind) {
      case FailureKind::kLink: return fail_link(failure.subject, at);
      case FailureKind::kRouter: return fail_router(failure.subject, at);
      case FailureKind::kVirtualRouter: return fail_virtual_router(failure.subject, at);
      case FailureKind::kMember: return fail_member(failure.subject, at);
    }
    return Found::kUnknownSubject;
  }

  std::vector<HealthChange> take() {
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](const HealthChange& a, const HealthChange& b) { return a.at < b.at; });
    return std::move(changes_);
  }

  FailingCheck& check(std::size_t place) { return checks_[place]; }

  // By virtual router. Without a tracker of the past, only those with a failure run: all others stay as they are.
  std::vector<RouterCourse>& courses() { return courses_; }
  bool runs(std::size_t virtual_router) const {
    return virtual_router < start_.routers.size() || failing_.contains(virtual_router);
  }

 private:
  void fail_check(std::size_t index, Instant at) {
    const auto is_same = [&](const FailingCheck& check) { return check.index() == index; };
    if (std::any_of(checks_.begin(), checks_.end(), is_same)) return;
    checks_.emplace_back(index, plan_.checks[index], start_.health.checks[index], at);
    for (std::int64_t number = 1; number <= checks_.back().results(); ++number) {
      changes_.push_back({HealthChange::What::kResult, checks_.back().result_at(number), checks_.size() - 1, number});
    }
  }

  Found fail_link(std::string_view name, Instant at) {
    const std::vector<LinkOptions>& links = plan_.options.links;
    const auto link =
        std::find_if(links.begin(), links.end(), [&](const LinkOptions& options) { return options.name == name; });
    if (link == links.end()) return Found::kUnknownSubject;
    const std::size_t index = static_cast<std::size_t>(link - links.begin());
    failed_links_.push_back(index);
    std::vector<std::size_t> failing = plan_.link_checks[index];
    for (std::size_t check = 0; check < plan_.checks.size(); ++check) {
      if (only_behind_failed(check)) failing.push_back(check);
    }
    for (const std::size_t check : failing) fail_check(check, at);
    return failing.empty() ? Found::kUndetected : Found::kDetected;
  }

  // True if every member that uses the check is behind a link that failed.
  bool only_behind_failed(std::size_t check) const {
    bool used = false;
    for (std::size_t i = 0; i < plan_.member_checks.size(); ++i) {
      for (std::size_t m = 0; m < plan_.member_checks[i].size(); ++m) {
        if (!includes(plan_.member_checks[i][m], check)) continue;
        const std::optional<std::size_t>& link = plan_.options.records[i].members[m].link;
        if (!link || !includes(failed_links_, *link)) return false;
        used = true;
      }
    }
    return used;
  }

  std::size_t virtual_router_of(std::string_view name) const {
    const std::vector<VirtualRouterOptions>& routers = plan_.options.virtual_routers;
    const auto found = std::find_if(routers.begin(), routers.end(),
                                    [&](const VirtualRouterOptions& options) { return options.name == name; });
    return found == routers.end() ? kNothing : static_cast<std::size_t>(found - routers.begin());
  }

  Found fail_router(std::string_view subject, Instant at) {
    const std::size_t colon = std::min(subject.rfind(':'), subject.size());
    const std::size_t index = virtual_router_of(subject.substr(0, colon));
    if (index == kNothing || colon == subject.size()) return Found::kUnknownSubject;
    const std::vector<RouterOptions>& routers = plan_.options.virtual_routers[index].routers;
    const auto router = std::find_if(routers.begin(), routers.end(), [&](const RouterOptions& options) {
      return options.name == subject.substr(colon + 1);
    });
    if (router == routers.end()) return Found::kUnknownSubject;
    const auto place = static_cast<std::size_t>(router - routers.begin());
    const bool is_watched = courses_[index].advertises(place) || start_.health.routers[index].active == place;
    add_router_failure(index, place, at);
    // A backup sends no advertisements. Its failure matters only if it would have taken over.
    if (!is_watched && !failing_.contains(index)) return Found::kUndetected;
    failing_.insert(index);
    return Found::kDetected;
  }

  Found fail_virtual_router(std::string_view subject, Instant at) {
    const std::size_t index = virtual_router_of(subject);
    if (index == kNothing) return Found::kUnknownSubject;
    for (std::size_t i = 0; i < plan_.options.virtual_routers[index].routers.size(); ++i)
      add_router_failure(index, i, at);
    if (start_.health.routers[index].state == VirtualRouterState::kNoActive) return Found::kUndetected;
    failing_.insert(index);
    return Found::kDetected;
  }

  void add_router_failure(std::size_t virtual_router, std::size_t router, Instant at) {
    changes_.push_back({HealthChange::What::kRouterFails, at, virtual_router, static_cast<std::int64_t>(router)});
  }

  Found fail_member(std::string_view subject, Instant at) {
    bool known = false, seen = false;
    for (std::size_t i = 0; i < plan_.options.records.size(); ++i) {
      const std::string record = record_name(plan_.options, i);
      const std::vector<MemberOptions>& members = plan_.options.records[i].members;
      for (std::size_t m = 0; m < members.size(); ++m) {
        if (subject != record + ":" + members[m].name && subject != "*:" + members[m].name) continue;
        known = true;
        for (const std::size_t check : plan_.member_checks[i][m]) fail_check(check, at);
        seen = seen || !plan_.member_checks[i][m].empty();
      }
    }
    return !known ? Found::kUnknownSubject : seen ? Found::kDetected : Found::kUndetected;
  }

  const Plan& plan_;
  const SimulationStart& start_;
  std::vector<RouterCourse> courses_;  // by virtual router
  std::vector<FailingCheck> checks_;
  std::vector<std::size_t> failed_links_;
  std::set<std::size_t> failing_;  // virtual routers with a failure that is noticed
  std::vector<HealthChange> changes_;
};

void apply_change(const HealthChange& change, FailureScript& script, HealthState& health) {
  if (change.what == HealthChange::What::kResult) {
    FailingCheck& check = script.check(change.index);
    health.checks[check.index()] = check.add_result(change.at, change.number);
    return;
  }
  script.courses()[change.index].fail(static_cast<std::size_t>(change.number), change.at);
}

SimulatedRecord record_of(const RecordReport& report) { return {report.state, report.chosen, report.ttl, report.rule}; }

bool is_same(const SimulatedRecord& a, const SimulatedRecord& b) {
  return a.state == b.state && a.members == b.members && a.ttl == b.ttl;
}

class Run {
 public:
  Run(const Evaluator& evaluator, const SimulationStart& start)
      : evaluator_(evaluator), start_(start), health_(start.health) {}

  Simulation run(FailureScript& script, const std::vector<HealthChange>& changes, Instant first_failure, Instant end) {
    for (const RouterCourse& course : script.courses()) transitions_.push_back(course.transitions());
    step(start_.now);
    for (const RecordReport& report : evaluator_.records())
      simulation_.records.push_back({record_of(report), record_of(report), {}, {}, {}});
    std::size_t change = 0;
    Instant now = start_.now;
    for (std::size_t steps = 0; steps < kMaxSimulatedSteps;) {
      Instant next = std::min(end, next_of_routers(script));
      if (change < changes.size()) next = std::min(next, changes[change].at);
      if (decision_.next) next = std::min(next, std::max(*decision_.next, now + std::chrono::nanoseconds{1}));
      now = std::max(next, now);
      bool changed = decision_.next && now >= *decision_.next;
      for (; change < changes.size() && changes[change].at <= now; ++change) {
        apply_change(changes[change], script, health_);
        changed = true;
      }
      changed = advance_routers(script, now) || changed;
      if (!changed && now < end) continue;
      step(now);
      note(now, first_failure);
      if (now >= end) break;
      if (++steps == kMaxSimulatedSteps) simulation_.stopped = now - start_.now;
    }
    simulation_.sets = std::move(decision_.sets);
    return std::move(simulation_);
  }

 private:
  static Instant next_of_routers(FailureScript& script) {
    Instant next = Instant::max();
    for (std::size_t i = 0; i < script.courses().size(); ++i)
      if (script.runs(i)) next = std::min(next, script.courses()[i].next().value_or(next));
    return next;
  }

  // True if what is seen of a virtual router has changed. Most advertisements change nothing.
  bool advance_routers(FailureScript& script, Instant now) {
    bool changed = false;
    for (std::size_t i = 0; i < script.courses().size(); ++i) {
      RouterCourse& course = script.courses()[i];
      if (!script.runs(i)) continue;
      course.advance(now);
      if (course.transitions() == transitions_[i]) continue;
      transitions_[i] = course.transitions();
      health_.routers[i] = course.status(now);
      changed = true;
    }
    return changed;
  }

  void step(Instant now) {
    const auto since = std::chrono::duration_cast<std::chrono::system_clock::duration>(now - start_.now);
    decision_ = evaluator_.evaluate(health_, start_.overrides, now, start_.wall + since);
  }

  void note(Instant now, Instant first_failure) {
    for (std::size_t i = 0; i < simulation_.records.size(); ++i) {
      RecordTimeline& timeline = simulation_.records[i];
      SimulatedRecord present = record_of(evaluator_.records()[i]);
      if (is_same(timeline.after, present)) {
        timeline.after.rule = std::move(present.rule);
        continue;
      }
      if (!timeline.detection && present.members != timeline.after.members && now >= first_failure) {
        timeline.detection = now - first_failure;
        timeline.exposure = *timeline.detection + std::chrono::seconds{timeline.before.ttl};
      }
      timeline.changes.push_back({now - start_.now, present});
      timeline.after = std::move(present);
    }
  }

  Evaluator evaluator_;  // a copy
  const SimulationStart& start_;
  HealthState health_;
  std::vector<std::uint64_t> transitions_;  // by virtual router: as in `health_`
  Decision decision_;
  Simulation simulation_;
};

}  // namespace

dns::Result<Simulation, SimulationError> simulate(const Evaluator& evaluator, const SimulationStart& start,
                                                  const std::vector<SimulatedFailure>& failures, Duration horizon) {
  FailureScript script(evaluator.plan(), start);
  std::vector<std::size_t> undetected;
  Instant first = start.now + horizon;
  std::vector<std::size_t> order(failures.size());  // what fails first decides what another failure means
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return failures[i].at; });
  for (const std::size_t i : order) {
    const FailureScript::Found found = script.add(failures[i]);
    if (found == FailureScript::Found::kUnknownSubject) return dns::Failure(SimulationError{i});
    if (found == FailureScript::Found::kUndetected) undetected.push_back(i);
    first = std::min(first, start.now + failures[i].at);
  }
  const std::vector<HealthChange> changes = script.take();
  Simulation simulation = Run(evaluator, start).run(script, changes, first, start.now + horizon);
  simulation.undetected = std::move(undetected);
  return simulation;
}

}  // namespace server
