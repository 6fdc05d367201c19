#include "server/steering/evaluator.h"

#include <algorithm>

#include "server/policy/words.h"

namespace server {

namespace {

void sooner(std::optional<Instant>& next, const std::optional<Instant>& at) {
  if (at) next = std::min(next.value_or(*at), *at);
}

std::string words_of_router(VirtualRouterState state, const std::optional<std::size_t>& active, const VirtualRouterOptions& options) {
  std::string words(word(state));
  return active ? words + ": " + options.routers[*active].name : words;
}

}  // namespace

Evaluator::Evaluator(const Plan& plan) : plan_(&plan), agenda_(plan), groups_(group_answers(plan.options)) {
  const SteeringOptions& options = plan.options;
  routers_.resize(options.virtual_routers.size());
  links_.resize(options.links.size());
  link_reports_.resize(options.links.size());
  tracks_.resize(options.answers.size());
  answer_reports_.resize(options.answers.size());
  group_of_.resize(options.answers.size());
  sets_.resize(groups_.size());
  said_.resize(options.answers.size());
  for (std::size_t i = 0; i < options.links.size(); ++i) links_[i].slas.resize(plan.link_slas[i].size());
  for (std::size_t i = 0; i < options.answers.size(); ++i) {
    names_.push_back(answer_name(options, i));
    members_.emplace_back(options.answers[i].members.size());
    answer_reports_[i].members.resize(options.answers[i].members.size());
  }
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    for (const std::size_t answer : groups_[i].answers) group_of_[answer] = i;
  }
}

Decision Evaluator::evaluate(const Facts& facts, const std::vector<Order>& orders, Instant now, std::chrono::system_clock::time_point wall) {
  Decision decision;
  heed(orders, now, wall);
  decision.next = standing_.next_end;
  agenda_.look_at(facts);
  judge_routers(facts, decision);
  judge_links(facts, now, decision);
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    if (agenda_.is_due(i, now)) judge_answer(i, facts, now, decision);
  }
  sooner(decision.next, agenda_.next());
  if (plan_->options.mode == SteeringMode::kAct) render_groups(decision);
  return decision;
}

// What orders mean now. Their ends are of the wall clock: they are read again where one has come, and where that clock was set.
void Evaluator::heed(const std::vector<Order>& orders, Instant now, std::chrono::system_clock::time_point wall) {
  const Duration apart = std::chrono::duration_cast<Duration>(wall.time_since_epoch()) - now.time_since_epoch();
  const bool clock_set = std::chrono::abs(apart - clocks_apart_) > kClockSet;
  const bool over = standing_.next_end && now >= *standing_.next_end;
  if (orders_ == orders && !clock_set && !over) return;
  Standing standing = resolve(plan_->options, orders, now, wall);
  agenda_.look_at(standing_, standing);
  standing_ = std::move(standing);
  orders_ = orders;
  clocks_apart_ = apart;
}

void Evaluator::render_groups(Decision& decision) {
  std::vector<std::size_t> touched;
  for (const std::size_t answer : decision.judged) touched.push_back(group_of_[answer]);
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  for (const std::size_t group : touched) {
    std::optional<ManagedSet> managed = render(plan_->options, groups_[group], tracks_, members_);
    if (!managed) sets_[group] = nullptr;
    else if (!sets_[group] || !(*sets_[group] == *managed)) sets_[group] = std::make_shared<const ManagedSet>(std::move(*managed));
  }
  std::copy_if(sets_.begin(), sets_.end(), std::back_inserter(decision.sets), [](const SharedSet& set) { return set != nullptr; });
}

void Evaluator::judge_routers(const Facts& facts, Decision& decision) {
  for (std::size_t i = 0; i < routers_.size(); ++i) {
    const Observation& now_seen = facts.routers[i];
    SeenRouter& seen = routers_[i];
    if (seen.state == now_seen.state && seen.active == now_seen.active) continue;
    const VirtualRouterOptions& options = plan_->options.virtual_routers[i];
    decision.transitions.push_back({Transition::Of::kVirtualRouter, options.name, words_of_router(seen.state, seen.active, options),
                                    words_of_router(now_seen.state, now_seen.active, options), now_seen.evidence});
    seen = {now_seen.state, now_seen.active};
  }
}

void Evaluator::judge_links(const Facts& facts, Instant now, Decision& decision) {
  for (std::size_t i = 0; i < links_.size(); ++i) {
    const LinkStatus was = links_[i];
    const LinkState before = was.report.state;
    judge_link(*plan_, i, facts, standing_, now, links_[i]);
    agenda_.link_judged(i, was, links_[i]);
    const LinkReport& report = links_[i].report;
    sooner(decision.next, links_[i].next);
    link_reports_[i] = report;
    if (report.state == before) continue;
    decision.transitions.push_back({Transition::Of::kLink, plan_->options.links[i].name, std::string(word(before)), std::string(word(report.state)), report.reason});
  }
}

void Evaluator::judge_answer(std::size_t answer, const Facts& facts, Instant now, Decision& decision) {
  const AnswerOptions& options = plan_->options.answers[answer];
  AnswerTrack& track = tracks_[answer];
  const std::string before = words_of(track, options);
  std::optional<Instant> next;
  for (std::size_t i = 0; i < options.members.size(); ++i) {
    MemberStatus& member = members_[answer][i];
    const MemberState was = member.report.state;
    judge_member(*plan_, answer, i, facts, links_, standing_, now, member);
    sooner(next, member.next);
    if (member.report.state == was) continue;
    decision.transitions.push_back({Transition::Of::kMember, names_[answer] + ":" + options.members[i].name, std::string(word(was)),
                                    std::string(word(member.report.state)), member.report.reason});
  }
  sooner(next, advance({plan_->options, options, members_[answer], standing_.forces[answer], standing_.freezes[answer], now}, track));
  agenda_.judged(answer, next);
  decision.judged.push_back(answer);
  said_[answer].clear();
  report_answer(answer);
  const std::string after = words_of(track, options);
  if (after != before) decision.transitions.push_back({Transition::Of::kAnswer, names_[answer], before, after, track.rule});
}

std::string Evaluator::words_of(const AnswerTrack& track, const AnswerOptions& options) const {
  std::string words(word(track.state));
  if (track.given == Given::kNodata) return words + ": no data";
  if (track.given != Given::kMembers) return track.given == Given::kDefault ? words + ": the zone's own" : words;
  for (std::size_t i = 0; i < track.chosen.size(); ++i) words += (i == 0 ? ": " : ", ") + options.members[track.chosen[i]].name;
  return words;
}

void Evaluator::report_answer(std::size_t answer) {
  const AnswerTrack& track = tracks_[answer];
  AnswerReport& report = answer_reports_[answer];
  report.state = track.state;
  report.since = track.since;
  report.chosen = track.chosen;
  report.ttl = track.ttl;
  report.rule = track.rule;
  report.transitions = track.transitions;
  for (std::size_t i = 0; i < report.members.size(); ++i) {
    report.members[i] = members_[answer][i].report;
    report.members[i].chosen = std::find(track.chosen.begin(), track.chosen.end(), i) != track.chosen.end();
  }
}

}  // namespace server
