#include "server/failover/helm.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace server {
namespace {


// Ascending over restarts even where nothing was remembered, as long as the clock is not set back.
std::uint64_t first_generation(std::uint64_t remembered, WallTime wall) {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(wall.time_since_epoch()).count();
  return std::max(remembered, static_cast<std::uint64_t>(std::max<std::int64_t>(now, 0)));
}

bool is_known(const Facts& facts) {
  return std::ranges::none_of(facts.routers, [](const Observation& each) { return each.state == VirtualRouterState::kUnknown; }) &&
         std::ranges::none_of(facts.checks, [](const CheckState& each) { return each.health == Health::kUnknown; });
}

// Whether a set is there for every name of the plan.
bool covers_all(const SteeringOptions& options, const std::vector<ManagedSet>& sets) {
  return std::ranges::all_of(options.answers, [&](const AnswerOptions& answer) {
    return std::ranges::any_of(sets, [&](const ManagedSet& set) { return set.type == answer.type && set.owner == answer.owner; });
  });
}

std::shared_ptr<const dns::ViewTable> views_of(const SteeringOptions& options) {
  return options.views.empty() ? nullptr : std::make_shared<const dns::ViewTable>(options.views);
}

std::optional<Instant> earlier(std::optional<Instant> a, std::optional<Instant> b) { return !a || (b && *b < *a) ? b : a; }

}  // namespace

std::string addresses_text(const AnswerOptions& answer, const AnswerReport& report) {
  if (report.state == AnswerState::kUndecided) return "default";
  std::string text;
  for (const std::size_t member : report.chosen)
    for (const auto& address : answer.members[member].addresses) text += (text.empty() ? "" : ", ") + address.to_string();
  return text.empty() ? "nodata" : text;
}

Helm::Helm(SteeringOptions options, const Memory& memory, Moment at, Listener listener)
    : plan_(std::make_unique<const Plan>(make_plan(std::move(options)))), evaluator_(*plan_), views_(views_of(plan_->options)),
      orders_(memory.orders), starting_until_(at.now + plan_->options.initial_round),
      generation_(first_generation(memory.generation, at.wall)), remembered_(memory.generation), listener_(std::move(listener)) {
  if (memory.evaluator.empty()) return;
  if (!evaluator_->restore(memory.evaluator, at.now, at.wall)) note("what was remembered of the states cannot be understood: they begin unknown", at);
}

Helm::Turn Helm::turn(const Facts& facts, Moment at) {
  facts_ = facts;
  expire_orders(at);
  judge_alarms(at);
  Turn turn;
  if (starting_until_) {
    if (!may_begin(facts, at)) return {.overlay = std::nullopt, .next = starting_until_, .moved = false};
    starting_until_.reset();
  }
  const std::uint64_t events = events_.last();
  Decision decision = evaluator_->evaluate(facts, orders_.all(), at.now, at.wall);
  counters_.evaluations.add();
  tell_transitions(decision, at);
  tell_answers(at);
  judge_alarms(at);
  turn.overlay = overlay_of(std::move(decision.sets), at);
  turn.next = decision.next;
  if (const auto end = orders_.next_end())
    turn.next = earlier(turn.next, at.now + std::max(Duration::zero(), std::chrono::duration_cast<Duration>(*end - at.wall)));
  turn.moved = turn.overlay.has_value() || events_.last() != events;
  return turn;
}

bool Helm::may_begin(const Facts& facts, Moment at) const {
  if (at.now >= *starting_until_ || is_known(facts)) return true;
  if (memory_is_late_) return false;
  Evaluator trial = *evaluator_;
  return covers_all(plan_->options, trial.evaluate(facts, orders_.all(), at.now, at.wall).sets);
}

void Helm::expire_orders(Moment at) {
  for (const Order& order : orders_.expire(at.wall))
    tell({.kind = EventKind::kOrder, .subject = order.subject, .evidence = "over: " + to_text(order)}, at);
}

void Helm::tell(Event event, Moment at) {
  event.at = at.wall;
  const Event& kept = events_.add(std::move(event));
  if (listener_) listener_(kept);
}

void Helm::tell_transitions(const Decision& decision, Moment at) {
  for (const Transition& transition : decision.transitions) {
    switch (transition.of) {
      case Transition::Of::kVirtualRouter: counters_.transitions_routers.add(); break;
      case Transition::Of::kLink: counters_.transitions_links.add(); break;
      case Transition::Of::kMember: counters_.transitions_members.add(); break;
      case Transition::Of::kAnswer: counters_.transitions_answers.add(); break;
    }
    tell({.kind = EventKind::kTransition, .subject = transition.subject, .from = transition.from, .to = transition.to,
          .evidence = transition.evidence}, at);
  }
}

// The line that says which addresses clients get from now on, and why.
void Helm::tell_answers(Moment at) {
  const SteeringOptions& options = plan_->options;
  for (std::size_t i = 0; i < options.answers.size(); ++i) {
    const AnswerReport& report = evaluator_->answers()[i];
    std::string addresses = addresses_text(options.answers[i], report);
    std::string& before = addresses_.try_emplace(answer_name(options, i), "default").first->second;
    if (before == addresses) continue;
    const bool acts = options.mode == SteeringMode::kAct;
    tell({.kind = EventKind::kAnswer, .subject = answer_name(options, i), .from = before, .to = addresses,
          .evidence = fmt::format("{}{}; TTL {}", acts ? "" : "would answer: ", report.rule, report.ttl)}, at);
    before = std::move(addresses);
  }
}

void Helm::set_alarm(const std::string& key, std::optional<Alarm> alarm, Moment at) {
  if (alarm) raise_alarm(key, std::move(alarm->subject), std::move(alarm->words), at);
  else clear_alarm(key, at);
}

void Helm::judge_alarms(Moment at) {
  const SteeringOptions& options = plan_->options;
  const auto when = [&](bool holds, const std::string& key, const std::string& subject, const std::string& words) {
    set_alarm(key, holds ? std::optional(Alarm{subject, words, at.wall}) : std::nullopt, at);
  };
  for (std::size_t i = 0; i < std::min(facts_.routers.size(), options.virtual_routers.size()); ++i) {
    const std::string& name = options.virtual_routers[i].name;
    const Observation& seen = facts_.routers[i];
    when(seen.stale_vip, "stale-vip/" + name, name, "stale VIP: this host holds the virtual address and another router is active");
    when(seen.state == VirtualRouterState::kSplit, "split/" + name, name, "split: several routers claim to be active");
    when(seen.state == VirtualRouterState::kFlapping, "flapping/" + name, name, "flapping: the active router is frozen");
  }
  std::vector<bool> used(options.links.size());
  for (std::size_t i = 0; i < options.answers.size(); ++i) {
    const AnswerReport& report = evaluator_->answers()[i];
    const std::string name = answer_name(options, i);
    const bool ordered = std::ranges::any_of(orders_.all(), [](const Order& order) { return order.kind == OrderKind::kFreeze; });
    when(report.state == AnswerState::kAllDown, "all-down/" + name, name, "every member is down");
    when(report.state == AnswerState::kFrozen && !ordered, "frozen/" + name, name, "frozen without an order: changes too often");
    for (const std::size_t member : report.chosen)
      if (const auto link = options.answers[i].members[member].link) used[*link] = true;
  }
  for (std::size_t i = 0; i < options.links.size(); ++i)
    when(options.links[i].deprecated && used[i], "deprecated/" + options.links[i].name, options.links[i].name, "a deprecated link is in use");
}

void Helm::raise_alarm(const std::string& key, std::string subject, std::string words, Moment at) {
  const auto [place, begins] = alarms_.try_emplace(key);
  if (!begins && place->second.words == words) return;
  if (begins) {
    place->second.since = at.wall;
    counters_.alarms.add();
  }
  place->second.subject = std::move(subject);
  place->second.words = std::move(words);
  tell({.kind = EventKind::kAlarm, .subject = place->second.subject, .evidence = place->second.words}, at);
}

void Helm::clear_alarm(const std::string& key, Moment at) {
  const auto place = alarms_.find(key);
  if (place == alarms_.end()) return;
  const Alarm alarm = std::move(place->second);
  alarms_.erase(place);
  tell({.kind = EventKind::kAllClear, .subject = alarm.subject, .evidence = "no longer: " + alarm.words}, at);
}

void Helm::note(std::string words, Moment at) { tell({.kind = EventKind::kNote, .evidence = std::move(words)}, at); }

std::optional<Overlay> Helm::overlay_of(std::vector<ManagedSet> sets, Moment at) {
  decided_ = sets;
  if (plan_->options.mode == SteeringMode::kObserve) sets.clear();
  if (published_ && *published_ == sets) return std::nullopt;
  if (published_) counters_.rewrites.add();
  published_ = sets;
  generation_ = std::max(generation_ + 1, first_generation(0, at.wall));
  return Overlay{.generation = generation_, .sets = std::move(sets), .views = views_};
}

const ManagedSet* Helm::decided(const dns::Name& owner, dns::Type type) const {
  const auto found = std::ranges::find_if(decided_, [&](const ManagedSet& set) { return set.type == type && set.owner == owner; });
  return found == decided_.end() ? nullptr : &*found;
}

void Helm::replan(SteeringOptions options, Moment at) {
  const std::string kept = evaluator_->save(at.now, at.wall);
  auto next = std::make_unique<const Plan>(make_plan(std::move(options)));
  evaluator_.emplace(*next);
  plan_ = std::move(next);
  if (!evaluator_->restore(kept, at.now, at.wall)) note("the states cannot be carried over: they begin unknown", at);
  views_ = views_of(plan_->options);
  published_.reset();
  for (const auto& [key, alarm] : std::exchange(alarms_, {}))   // of subjects that may be gone; what still holds is raised again
    tell({.kind = EventKind::kAllClear, .subject = alarm.subject, .evidence = "reloaded: " + alarm.words}, at);
  std::erase_if(addresses_, [&](const auto& each) { return answers_named(plan_->options, each.first).empty(); });
}

void Helm::place(Order order, Moment at) {
  tell({.kind = EventKind::kOrder, .subject = order.subject, .evidence = to_text(order)}, at);
  counters_.orders.add();
  orders_.place(std::move(order));
}

bool Helm::take_back(OrderFamily of, const std::string& subject, const std::string& by, Moment at) {
  const auto taken = orders_.take_back(of, subject);
  if (!taken) return false;
  counters_.orders.add();
  tell({.kind = EventKind::kOrder, .subject = subject, .evidence = fmt::format("taken back by {}: {}", by, to_text(*taken))}, at);
  return true;
}

Memory Helm::remember(Moment at) const {
  return {.generation = generation_, .orders = orders_.all(), .evaluator = evaluator_->save(at.now, at.wall), .checks = {}};
}

}  // namespace server
