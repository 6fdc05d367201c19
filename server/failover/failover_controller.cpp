#include "server/failover/failover_controller.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "server/steering/words.h"

namespace server {
namespace {

// Increases across restarts even if nothing was saved, unless the clock was set back.
std::uint64_t first_generation(std::uint64_t saved_generation, WallTime wall) {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(wall.time_since_epoch()).count();
  return std::max(saved_generation, static_cast<std::uint64_t>(std::max<std::int64_t>(now, 0)));
}

bool is_known(const HealthState& health) {
  return std::ranges::none_of(
             health.routers,
             [](const VirtualRouterStatus& each) { return each.state == VirtualRouterState::kUnknown; }) &&
         std::ranges::none_of(health.checks, [](const CheckState& each) { return each.health == Health::kUnknown; });
}

bool is_troubled(const CheckState& state) { return state.late || state.cannot_run(); }

std::shared_ptr<const dns::ViewTable> views_of(const SteeringOptions& options) {
  return options.views.empty() ? nullptr : std::make_shared<const dns::ViewTable>(options.views);
}

// Prefixes of the alarms that every evaluation updates. Other alarms are cleared by the code that raised them.
bool is_own_alarm(std::string_view key) {
  static constexpr std::string_view kOwn[] = {"stale-vip/", "split/",      "flapping/", "all-down/", "frozen/",
                                              "kept-down/", "deprecated/", "check/",    "late/"};
  return std::ranges::any_of(kOwn, [&](std::string_view own) { return key.starts_with(own); });
}

// The chosen members that are down while another one is usable.
std::string kept_down(const RecordOptions& record, const RecordReport& report) {
  std::string down;
  bool other = false;
  for (std::size_t i = 0; i < report.members.size(); ++i) {
    const MemberReport& member = report.members[i];
    if (member.chosen && member.state == MemberState::kDown && !member.standby)
      down += (down.empty() ? "" : ", ") + record.members[i].name;
    other = other || member.state == MemberState::kUsable || member.state == MemberState::kDegraded;
  }
  return other ? down : std::string();
}

std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b) {
  return !a || (b && *b < *a) ? b : a;
}

}  // namespace

std::string addresses_text(const RecordOptions& record, const RecordReport& report) {
  if (report.state == RecordState::kUndecided) return "default";
  std::string text;
  for (const std::size_t member : report.chosen)
    for (const auto& address : record.members[member].addresses)
      text += (text.empty() ? "" : ", ") + address.to_string();
  return text.empty() ? "nodata" : text;
}

FailoverController::FailoverController(SteeringOptions options, const SavedState& state, Moment at, Listener listener)
    : plan_(std::make_unique<const Plan>(make_plan(std::move(options)))),
      evaluator_(*plan_),
      views_(views_of(plan_->options)),
      overrides_(state.overrides),
      starting_until_(at.now + plan_->options.initial_round),
      generation_(first_generation(state.generation, at.wall)),
      saved_generation_(state.generation),
      listener_(std::move(listener)) {
  evaluator_->wait_until(*starting_until_);
  if (state.evaluator.empty()) return;
  if (!evaluator_->restore(state.evaluator, at.now, at.wall))
    add_note("cannot use the saved states: damaged, or written by another version; all states start as unknown", at);
}

FailoverController::Evaluation FailoverController::evaluate(const HealthReading& reading, Moment at) {
  take(reading);
  expire_overrides(at);
  if (router_alarms_may_differ_) update_router_alarms(at);
  if (check_alarms_may_differ_) update_check_alarms(at);
  Evaluation result;
  if (starting_until_) {
    if (!may_start(health_, at)) return {.overlay = std::nullopt, .next = starting_until_, .changed = false};
    starting_until_.reset();
  }
  const std::uint64_t events = events_.last();
  Decision decision =
      evaluator_->evaluate(health_, overrides_.all(), at.now, at.wall, evaluated_ ? reading.touched : TouchedChecks());
  evaluated_ = true;
  counters_.evaluations.add();
  emit_transitions(decision, at);
  emit_record_changes(decision.evaluated, at);
  update_record_alarms(decision.evaluated, at);
  update_link_alarms(!decision.evaluated.empty(), at);
  result.overlay = make_overlay(std::move(decision.sets), at);
  result.next = decision.next;
  if (const auto end = overrides_.next_expiry())
    result.next =
        earlier(result.next, at.now + std::max(Duration::zero(), std::chrono::duration_cast<Duration>(*end - at.wall)));
  result.changed = result.overlay.has_value() || events_.last() != events;
  return result;
}

// Copies what may have changed. The marks come first: an exception may leave a part of the copy.
void FailoverController::take(const HealthReading& reading) {
  if (!std::ranges::equal(health_.routers, reading.routers)) {
    router_alarms_may_differ_ = true;
    health_.routers.assign(reading.routers.begin(), reading.routers.end());
  }
  if (!reading.touched || health_.checks.size() != reading.checks.size()) {
    evaluated_ = false;
    check_alarms_may_differ_ = true;
    health_.checks.assign(reading.checks.begin(), reading.checks.end());
    return;
  }
  for (const std::size_t index : *reading.touched) {
    CheckState& seen = health_.checks[index];
    const CheckState& now = reading.checks[index];
    if (is_troubled(seen) != is_troubled(now) ||
        (is_troubled(now) && (seen.late != now.late || seen.detail != now.detail)))
      check_alarms_may_differ_ = true;
    seen = now;
  }
}

bool FailoverController::may_start(const HealthState& health, Moment at) const {
  if (at.now >= *starting_until_ || is_known(health)) return true;
  if (saved_state_is_stale_) return false;
  Evaluator trial = *evaluator_;
  return trial.evaluate(health, overrides_.all(), at.now, at.wall).sets.size() == trial.groups();
}

void FailoverController::expire_overrides(Moment at) {
  for (const AdminOverride& entry : overrides_.expire(at.wall))
    emit({.kind = EventKind::kOverride, .subject = entry.subject, .reason = "expired: " + to_text(entry)}, at);
}

void FailoverController::emit(Event event, Moment at) {
  event.at = at.wall;
  const Event& kept = events_.add(std::move(event));
  if (listener_) listener_(kept);
}

void FailoverController::emit_transitions(const Decision& decision, Moment at) {
  for (const Transition& transition : decision.transitions) {
    switch (transition.of) {
      case Transition::Of::kVirtualRouter: counters_.transitions_routers.add(); break;
      case Transition::Of::kLink: counters_.transitions_links.add(); break;
      case Transition::Of::kMember: counters_.transitions_members.add(); break;
      case Transition::Of::kRecord: counters_.transitions_records.add(); break;
    }
    emit({.kind = EventKind::kTransition,
          .subject = transition.subject,
          .from = transition.from,
          .to = transition.to,
          .reason = transition.reason},
         at);
  }
}

void FailoverController::emit_record_changes(const std::vector<std::size_t>& evaluated, Moment at) {
  for (const std::size_t record : evaluated) emit_record_change(record, at);
}

// Emits the event that says which addresses clients get from now on, and why.
void FailoverController::emit_record_change(std::size_t record, Moment at) {
  const SteeringOptions& options = plan_->options;
  const RecordReport& report = evaluator_->records()[record];
  const std::string* const why = suspended(record);
  std::string addresses = why != nullptr ? "default" : addresses_text(options.records[record], report);
  std::string& before = addresses_.try_emplace(record_name(options, record), "default").first->second;
  if (before == addresses) return;
  const bool acts = options.mode == SteeringMode::kActive;
  emit({.kind = EventKind::kRecord,
        .subject = record_name(options, record),
        .from = before,
        .to = addresses,
        .reason = why != nullptr ? *why
                                 : fmt::format("{}{}; TTL {}", acts ? "" : "observe mode, would serve: ", report.rule,
                                               report.ttl)},
       at);
  before = std::move(addresses);
}

void FailoverController::set_suspended(SuspendedNames names, Moment at) {
  for (const auto& [name, message] : suspended_)
    if (!names.contains(name)) clear_alarm("suspended/" + name, at);
  for (const auto& [name, message] : names) raise_alarm("suspended/" + name, "", message, at);
  suspended_ = std::move(names);
  if (starting()) return;
  for (std::size_t i = 0; i < plan_->options.records.size(); ++i) emit_record_change(i, at);
}

const std::string* FailoverController::suspended(std::size_t record) const {
  if (suspended_.empty()) return nullptr;
  const RecordOptions& options = plan_->options.records[record];
  const auto found = suspended_.find(managed_name(options.owner, options.type));
  return found == suspended_.end() ? nullptr : &found->second;
}

void FailoverController::update_alarm(bool holds, const std::string& key, const std::string& subject,
                                      std::string_view message, Moment at) {
  if (holds) raise_alarm(key, subject, std::string(message), at);
  else clear_alarm(key, at);
}

void FailoverController::update_router_alarms(Moment at) {
  const SteeringOptions& options = plan_->options;
  for (std::size_t i = 0; i < std::min(health_.routers.size(), options.virtual_routers.size()); ++i) {
    const std::string& name = options.virtual_routers[i].name;
    const VirtualRouterStatus& seen = health_.routers[i];
    update_alarm(seen.stale_vip, "stale-vip/" + name, name,
                 "stale VIP: this host holds the virtual address while another router is active", at);
    update_alarm(seen.state == VirtualRouterState::kSplit, "split/" + name, name,
                 "split: several routers claim to be active", at);
    update_alarm(seen.state == VirtualRouterState::kFlapping, "flapping/" + name, name,
                 "flapping: the active router changes too often and is frozen", at);
  }
  router_alarms_may_differ_ = false;
}

// One alarm for each monitor, because its checks usually fail for the same reason. The first check stands for all.
void FailoverController::update_check_alarms(Moment at) {
  std::map<std::string, Alarm> alarms;
  for (std::size_t i = 0; i < std::min(health_.checks.size(), plan_->checks.size()); ++i) {
    const CheckState& state = health_.checks[i];
    if (!is_troubled(state)) continue;
    const MonitorOptions& monitor = plan_->checks[i].monitor;
    Alarm& alarm = alarms[(state.late ? "late/" : "check/") + monitor.name];
    if (!alarm.message.empty()) continue;
    alarm.subject = monitor.name;
    if (!state.late)
      alarm.message = fmt::format("no result for {}: {}; what depends on it is unknown",
                                  plan_->checks[i].target.to_string(), state.detail);
    else if (monitor.kind == ProbeKind::kExec)
      alarm.message =
          fmt::format("results are late: checks wait for other programs to end; [steering] programs = {} limits them",
                      plan_->options.programs);
    else alarm.message = "results are late: checks wait for a free socket; the limit of open files is too low";
  }
  for (const auto& [key, alarm] : check_alarms_)
    if (!alarms.contains(key)) clear_alarm(key, at);
  for (const auto& [key, alarm] : alarms) raise_alarm(key, alarm.subject, alarm.message, at);
  check_alarms_ = std::move(alarms);
  check_alarms_may_differ_ = false;
}

void FailoverController::update_record_alarms(const std::vector<std::size_t>& evaluated, Moment at) {
  for (const std::size_t i : evaluated) {
    const RecordReport& report = evaluator_->records()[i];
    const std::string name = record_name(plan_->options, i);
    const ActiveOverrides& overrides = evaluator_->active_overrides();
    update_alarm(report.state == RecordState::kAllDown, "all-down/" + name, name, report.rule, at);
    update_alarm(report.state == RecordState::kFrozen && !overrides.freezes[i], "frozen/" + name, name,
                 "frozen: " + report.frozen_by, at);
    const bool by_override = overrides.forces[i].has_value() || overrides.freezes[i].has_value();
    const std::string kept = by_override ? kept_down(plan_->options.records[i], report) : std::string();
    const bool of_all = !overrides.forces[i] && overrides.freezes[i] && overrides.freezes[i]->of_all;
    const std::string undo = overrides.forces[i] ? fmt::format("failover {} --to auto", name)
                             : of_all            ? "freeze --all --undo"
                                                 : fmt::format("freeze {} --undo", name);
    update_alarm(
        !kept.empty(), "kept-down/" + name, name,
        fmt::format("an override keeps {}, which is down, while another member is usable; `waymark {}` ends it", kept,
                    undo),
        at);
  }
}

void FailoverController::update_link_alarms(bool evaluated, Moment at) {
  const auto today = std::chrono::floor<std::chrono::days>(at.wall);
  if (!evaluated && today == link_alarms_of_) return;
  link_alarms_of_ = today;
  const SteeringOptions& options = plan_->options;
  const auto is_used = [&](std::size_t link) {
    return std::ranges::any_of(plan_->link_records[link], [&](std::size_t record) {
      return std::ranges::any_of(evaluator_->records()[record].chosen, [&](std::size_t member) {
        return options.records[record].members[member].link == link;
      });
    });
  };
  for (std::size_t i = 0; i < options.links.size(); ++i) {
    if (!options.links[i].deprecated) continue;
    update_alarm(today >= std::chrono::sys_days(*options.links[i].deprecated) && is_used(i),
                 "deprecated/" + options.links[i].name, options.links[i].name,
                 "the link is in use on or after its deprecated date", at);
  }
}

void FailoverController::raise_alarm(const std::string& key, std::string subject, std::string message, Moment at) {
  const auto [place, begins] = alarms_.try_emplace(key);
  if (!begins && place->second.message == message) return;
  if (begins) {
    place->second.since = at.wall;
    counters_.alarms.add();
  }
  place->second.subject = std::move(subject);
  place->second.message = std::move(message);
  emit({.kind = EventKind::kAlarm, .subject = place->second.subject, .reason = place->second.message}, at);
}

void FailoverController::clear_alarm(const std::string& key, Moment at) {
  const auto place = alarms_.find(key);
  if (place == alarms_.end()) return;
  const Alarm alarm = std::move(place->second);
  alarms_.erase(place);
  emit({.kind = EventKind::kAlarmCleared, .subject = alarm.subject, .reason = "cleared: " + alarm.message}, at);
}

void FailoverController::add_note(std::string message, Moment at) {
  emit({.kind = EventKind::kNote, .reason = std::move(message)}, at);
}

std::optional<Overlay> FailoverController::make_overlay(ManagedRrsets sets, Moment at) {
  decided_ = sets;
  if (plan_->options.mode == SteeringMode::kObserve) sets = {};
  if (published_ && *published_ == sets) return std::nullopt;
  if (published_) counters_.rewrites.add();
  published_ = sets;
  generation_ = std::max(generation_ + 1, first_generation(0, at.wall));
  return Overlay{.generation = generation_, .sets = std::move(sets), .views = views_};
}

const ManagedRrset* FailoverController::decided(const dns::Name& owner, dns::Type type) const {
  return decided_.find(owner, type).get();
}

void FailoverController::reconfigure(SteeringOptions options, Moment at) {
  const std::string kept = evaluator_->save(at.now, at.wall);
  auto next = std::make_unique<const Plan>(make_plan(std::move(options)));
  Evaluator evaluator(*next);
  evaluator.wait_until(at.now + next->options.initial_round);
  const bool restored = evaluator.restore(kept, at.now, at.wall).has_value();
  auto views = views_of(next->options);
  evaluator_.emplace(std::move(evaluator));  // up to here an exception changes nothing
  evaluated_ = false;
  check_alarms_may_differ_ = router_alarms_may_differ_ = true;
  plan_ = std::move(next);
  views_ = std::move(views);
  published_.reset();
  if (!restored) add_note("cannot carry the states over to the new configuration; all states start as unknown", at);
  // Their subjects may be gone; the next evaluation raises again the alarms that still apply.
  for (auto each = alarms_.begin(); each != alarms_.end();) {
    if (!is_own_alarm(each->first)) {
      ++each;
      continue;
    }
    const Alarm alarm = std::move(each->second);
    each = alarms_.erase(each);
    emit({.kind = EventKind::kAlarmCleared,
          .subject = alarm.subject,
          .reason = "cleared by the reload: " + alarm.message},
         at);
  }
  std::erase_if(addresses_, [&](const auto& each) { return find_records(plan_->options, each.first).empty(); });
}

void FailoverController::decide_anew() {
  evaluator_->mark_all_dirty();
  evaluated_ = false;
  check_alarms_may_differ_ = router_alarms_may_differ_ = true;
  published_.reset();
}

void FailoverController::add_override(AdminOverride entry, Moment at) {
  emit({.kind = EventKind::kOverride, .subject = entry.subject, .reason = to_text(entry)}, at);
  counters_.overrides.add();
  overrides_.add(std::move(entry));
}

bool FailoverController::remove_override(OverrideGroup of, const std::string& subject, const std::string& by,
                                         Moment at) {
  const std::vector<AdminOverride> removed = overrides_.remove(of, subject);
  if (removed.empty()) return false;
  counters_.overrides.add();
  for (const AdminOverride& entry : removed) {
    emit({.kind = EventKind::kOverride,
          .subject = subject,
          .reason = fmt::format("removed by {}: {}", by, to_text(entry))},
         at);
  }
  return true;
}

SavedState FailoverController::state_to_save(Moment at) const {
  return {.generation = generation_,
          .overrides = overrides_.all(),
          .evaluator = evaluator_->save(at.now, at.wall),
          .checks = {}};
}

}  // namespace server
