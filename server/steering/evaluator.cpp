#include "server/steering/evaluator.h"

#include <algorithm>

#include "server/steering/words.h"

namespace server {

namespace {

void keep_earlier(std::optional<Instant>& next, const std::optional<Instant>& at) {
  if (at) next = std::min(next.value_or(*at), *at);
}

std::string router_text(VirtualRouterState state, const std::optional<std::size_t>& active,
                        const VirtualRouterOptions& options) {
  std::string words(word(state));
  return active ? words + ": " + options.routers[*active].name : words;
}

}  // namespace

Evaluator::Evaluator(const Plan& plan) : plan_(&plan), dirty_(plan), groups_(group_records(plan.options)) {
  const SteeringOptions& options = plan.options;
  routers_.resize(options.virtual_routers.size());
  links_.resize(options.links.size());
  link_reports_.resize(options.links.size());
  statuses_.resize(options.records.size());
  record_reports_.resize(options.records.size());
  group_of_.resize(options.records.size());
  sets_.resize(groups_.size());
  saved_texts_.resize(options.records.size());
  for (std::size_t i = 0; i < options.links.size(); ++i) links_[i].slas.resize(plan.link_slas[i].size());
  for (std::size_t i = 0; i < options.records.size(); ++i) {
    names_.push_back(record_name(options, i));
    members_.emplace_back(options.records[i].members.size());
    record_reports_[i].members.resize(options.records[i].members.size());
  }
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    for (const std::size_t record : groups_[i].records) group_of_[record] = i;
  }
}

Decision Evaluator::evaluate(const HealthState& health, const std::vector<AdminOverride>& overrides, Instant now,
                             std::chrono::system_clock::time_point wall, TouchedChecks touched) {
  Decision decision;
  update_overrides(overrides, now, wall);
  decision.next = active_overrides_.next_expiry;
  dirty_.note_health(health, touched);
  update_routers(health, decision);
  update_links(health, now, decision);
  for (const std::size_t record : dirty_.due(now)) evaluate_record(record, health, now, decision);
  keep_earlier(decision.next, dirty_.next());
  if (plan_->options.mode == SteeringMode::kActive) render_groups(decision);
  return decision;
}

// Resolves the overrides again if they changed, if one expired, or if the wall clock was set: their ends are wall-clock
// times.
void Evaluator::update_overrides(const std::vector<AdminOverride>& overrides, Instant now,
                                 std::chrono::system_clock::time_point wall) {
  const Duration apart = std::chrono::duration_cast<Duration>(wall.time_since_epoch()) - now.time_since_epoch();
  const bool clock_set = std::chrono::abs(apart - clock_offset_) > kClockStep;
  const bool over = active_overrides_.next_expiry && now >= *active_overrides_.next_expiry;
  if (overrides_ == overrides && !clock_set && !over) return;
  ActiveOverrides active_overrides = resolve_overrides(plan_->options, overrides, now, wall);
  dirty_.note_overrides(active_overrides_, active_overrides);
  active_overrides_ = std::move(active_overrides);
  overrides_ = overrides;
  clock_offset_ = apart;
}

void Evaluator::render_groups(Decision& decision) {
  std::vector<std::size_t> changed;
  for (const std::size_t record : decision.evaluated) changed.push_back(group_of_[record]);
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  std::vector<ManagedRrsets::Edit> edits;
  std::vector<std::pair<std::size_t, ManagedRrsetPtr>> rendered;
  for (const std::size_t group : changed) {
    std::optional<ManagedRrset> managed = render(plan_->options, groups_[group], statuses_, members_);
    const ManagedRrsetPtr& before = sets_[group];
    if (managed ? before != nullptr && *before == *managed : before == nullptr) continue;
    const ManagedRrsetPtr set = managed ? std::make_shared<const ManagedRrset>(std::move(*managed)) : nullptr;
    rendered.emplace_back(group, set);
    const RecordOptions& any = plan_->options.records[groups_[group].records[0]];
    edits.push_back({&any.owner, any.type, set});
  }
  decided_ = decided_.with(edits);
  for (auto& [group, set] : rendered) sets_[group] = std::move(set);  // after all that may throw: they are one state
  decision.sets = decided_;
}

void Evaluator::update_routers(const HealthState& health, Decision& decision) {
  for (std::size_t i = 0; i < routers_.size(); ++i) {
    const VirtualRouterStatus& now_seen = health.routers[i];
    LastRouter& seen = routers_[i];
    if (seen.state == now_seen.state && seen.active == now_seen.active) continue;
    const VirtualRouterOptions& options = plan_->options.virtual_routers[i];
    decision.transitions.push_back({Transition::Of::kVirtualRouter, options.name,
                                    router_text(seen.state, seen.active, options),
                                    router_text(now_seen.state, now_seen.active, options), now_seen.reason});
    seen = {now_seen.state, now_seen.active};
  }
}

void Evaluator::update_links(const HealthState& health, Instant now, Decision& decision) {
  for (std::size_t i = 0; i < links_.size(); ++i) {
    const LinkStatus was = links_[i];
    const LinkState before = was.report.state;
    evaluate_link(*plan_, i, health, active_overrides_, now, links_[i]);
    dirty_.note_link(i, was, links_[i]);
    const LinkReport& report = links_[i].report;
    keep_earlier(decision.next, links_[i].next);
    link_reports_[i] = report;
    if (report.state == before) continue;
    decision.transitions.push_back({Transition::Of::kLink, plan_->options.links[i].name, std::string(word(before)),
                                    std::string(word(report.state)), report.reason});
  }
}

void Evaluator::evaluate_record(std::size_t record, const HealthState& health, Instant now, Decision& decision) {
  const RecordOptions& options = plan_->options.records[record];
  RecordStatus& status = statuses_[record];
  const std::string before = state_text(status, options);
  std::optional<Instant> next;
  for (std::size_t i = 0; i < options.members.size(); ++i) {
    MemberStatus& member = members_[record][i];
    const MemberState was = member.report.state;
    evaluate_member(*plan_, record, i, health, links_, active_overrides_, now, member);
    keep_earlier(next, member.next);
    if (member.report.state == was) continue;
    decision.transitions.push_back({Transition::Of::kMember, names_[record] + ":" + options.members[i].name,
                                    std::string(word(was)), std::string(word(member.report.state)),
                                    member.report.reason});
  }
  keep_earlier(next, update_record({options, members_[record], active_overrides_.forces[record],
                                    active_overrides_.freezes[record], wait_until_, now, plan_->detection[record],
                                    plan_->configurations[record]},
                                   status));
  dirty_.evaluated(record, next);
  decision.evaluated.push_back(record);
  saved_texts_[record].clear();
  update_report(record);
  const std::string after = state_text(status, options);
  if (after != before)
    decision.transitions.push_back({Transition::Of::kRecord, names_[record], before, after, status.rule});
}

std::string Evaluator::state_text(const RecordStatus& status, const RecordOptions& options) const {
  std::string words(word(status.state));
  if (status.served == ServedKind::kNodata) return words + ": NODATA";
  if (status.served != ServedKind::kMembers)
    return status.served == ServedKind::kDefault ? words + ": zone file" : words;
  for (std::size_t i = 0; i < status.chosen.size(); ++i)
    words += (i == 0 ? ": " : ", ") + options.members[status.chosen[i]].name;
  return words;
}

void Evaluator::update_report(std::size_t record) {
  const RecordStatus& status = statuses_[record];
  RecordReport& report = record_reports_[record];
  report.state = status.state;
  report.since = status.since;
  report.chosen = status.chosen;
  report.ttl = status.ttl;
  report.rule = status.rule;
  report.frozen_by = status.frozen_by;
  report.transitions = status.transitions;
  for (std::size_t i = 0; i < report.members.size(); ++i) {
    report.members[i] = members_[record][i].report;
    report.members[i].chosen = std::find(status.chosen.begin(), status.chosen.end(), i) != status.chosen.end();
  }
}

}  // namespace server
