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

std::shared_ptr<const dns::ViewTable> views_of(const SteeringOptions& options) {
  return options.views.empty() ? nullptr : std::make_shared<const dns::ViewTable>(options.views);
}

// Keys of the alarms that every turn judges; others are ended by who raised them.
bool is_judged_here(std::string_view key) {
  static constexpr std::string_view kOwn[] = {"stale-vip/", "split/", "flapping/", "all-down/", "frozen/", "deprecated/"};
  return std::ranges::any_of(kOwn, [&](std::string_view own) { return key.starts_with(own); });
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

Helm::Turn Helm::turn(Facts facts, Moment at) {
  facts_ = std::move(facts);
  expire_orders(at);
  judge_router_alarms(at);
  Turn turn;
  if (starting_until_) {
    if (!may_begin(facts_, at)) return {.overlay = std::nullopt, .next = starting_until_, .moved = false};
    starting_until_.reset();
  }
  const std::uint64_t events = events_.last();
  Decision decision = evaluator_->evaluate(facts_, orders_.all(), at.now, at.wall);
  counters_.evaluations.add();
  tell_transitions(decision, at);
  tell_answers(decision.judged, at);
  judge_answer_alarms(decision.judged, at);
  if (!decision.judged.empty()) judge_link_alarms(at);
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
  return trial.evaluate(facts, orders_.all(), at.now, at.wall).sets.size() == trial.groups();
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
void Helm::tell_answers(const std::vector<std::size_t>& judged, Moment at) {
  const SteeringOptions& options = plan_->options;
  for (const std::size_t i : judged) {
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

void Helm::judge_alarm(bool holds, const std::string& key, const std::string& subject, std::string_view words, Moment at) {
  if (holds) raise_alarm(key, subject, std::string(words), at);
  else clear_alarm(key, at);
}

void Helm::judge_router_alarms(Moment at) {
  const SteeringOptions& options = plan_->options;
  for (std::size_t i = 0; i < std::min(facts_.routers.size(), options.virtual_routers.size()); ++i) {
    const std::string& name = options.virtual_routers[i].name;
    const Observation& seen = facts_.routers[i];
    judge_alarm(seen.stale_vip, "stale-vip/" + name, name, "stale VIP: this host holds the virtual address and another router is active", at);
    judge_alarm(seen.state == VirtualRouterState::kSplit, "split/" + name, name, "split: several routers claim to be active", at);
    judge_alarm(seen.state == VirtualRouterState::kFlapping, "flapping/" + name, name, "flapping: the active router is frozen", at);
  }
}

void Helm::judge_answer_alarms(const std::vector<std::size_t>& judged, Moment at) {
  for (const std::size_t i : judged) {
    const AnswerReport& report = evaluator_->answers()[i];
    const std::string name = answer_name(plan_->options, i);
    const bool ordered = evaluator_->standing().freezes[i].has_value();
    judge_alarm(report.state == AnswerState::kAllDown, "all-down/" + name, name, "every member is down", at);
    judge_alarm(report.state == AnswerState::kFrozen && !ordered, "frozen/" + name, name, "frozen without an order: changes too often", at);
  }
}

void Helm::judge_link_alarms(Moment at) {
  const SteeringOptions& options = plan_->options;
  const auto is_used = [&](std::size_t link) {
    return std::ranges::any_of(plan_->link_answers[link], [&](std::size_t answer) {
      return std::ranges::any_of(evaluator_->answers()[answer].chosen, [&](std::size_t member) { return options.answers[answer].members[member].link == link; });
    });
  };
  for (std::size_t i = 0; i < options.links.size(); ++i) {
    if (!options.links[i].deprecated) continue;
    judge_alarm(is_used(i), "deprecated/" + options.links[i].name, options.links[i].name, "a deprecated link is in use", at);
  }
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

std::optional<Overlay> Helm::overlay_of(std::vector<SharedSet> sets, Moment at) {
  decided_ = sets;
  if (plan_->options.mode == SteeringMode::kObserve) sets.clear();
  if (published_ && *published_ == sets) return std::nullopt;
  if (published_) counters_.rewrites.add();
  published_ = sets;
  generation_ = std::max(generation_ + 1, first_generation(0, at.wall));
  return Overlay{.generation = generation_, .sets = std::move(sets), .views = views_};
}

const ManagedSet* Helm::decided(const dns::Name& owner, dns::Type type) const {
  const auto found = std::ranges::find_if(decided_, [&](const SharedSet& set) { return set->type == type && set->owner == owner; });
  return found == decided_.end() ? nullptr : found->get();
}

void Helm::replan(SteeringOptions options, Moment at) {
  const std::string kept = evaluator_->save(at.now, at.wall);
  auto next = std::make_unique<const Plan>(make_plan(std::move(options)));
  evaluator_.emplace(*next);
  plan_ = std::move(next);
  if (!evaluator_->restore(kept, at.now, at.wall)) note("the states cannot be carried over: they begin unknown", at);
  views_ = views_of(plan_->options);
  published_.reset();
  for (auto each = alarms_.begin(); each != alarms_.end();) {   // of subjects that may be gone; what still holds is raised again
    if (!is_judged_here(each->first)) {
      ++each;
      continue;
    }
    const Alarm alarm = std::move(each->second);
    each = alarms_.erase(each);
    tell({.kind = EventKind::kAllClear, .subject = alarm.subject, .evidence = "reloaded: " + alarm.words}, at);
  }
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
