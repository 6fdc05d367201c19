#include "server/steering/dirty_records.h"

#include <algorithm>

namespace server {

namespace {

constexpr Instant kDueNow = Instant::min();

bool is_measured(const RecordOptions& record) {
  return record.sla || record.policy == Policy::kBestQuality || record.policy == Policy::kLowestCostSla;
}

// True if the two differ only in measurements. Only records that use measurements need to be evaluated then.
bool is_same_without_measures(const LinkStatus& a, const LinkStatus& b) {
  return a.report.state == b.report.state && a.report.reason == b.report.reason &&
         a.admin_override == b.admin_override && a.change_at == b.change_at;
}

template <class Parts, class Mark>
void for_each_difference(const Parts& before, const Parts& now, const Mark& mark) {
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (i >= before.size() || before[i] != now[i]) mark(i);
  }
}

}  // namespace

DirtyRecords::DirtyRecords(const Plan& plan)
    : plan_(&plan),
      routers_(plan.options.virtual_routers.size()),
      checks_(plan.checks.size()),
      due_(plan.options.records.size(), kDueNow) {
  for (std::size_t i = 0; i < due_.size(); ++i) deadlines_.emplace_hint(deadlines_.end(), kDueNow, i);
}

void DirtyRecords::set_due(std::size_t record, Instant at) {
  if (due_[record] == at) return;
  if (at != Instant::max()) deadlines_.emplace(at, record);
  deadlines_.erase({due_[record], record});
  due_[record] = at;
}

void DirtyRecords::mark(const std::vector<std::size_t>& records, Scope scope) {
  for (const std::size_t record : records) {
    if (scope == Scope::kAll || is_measured(plan_->options.records[record])) set_due(record, kDueNow);
  }
}

void DirtyRecords::note_health(const HealthState& health, TouchedChecks touched) {
  for (std::size_t i = 0; i < routers_.size(); ++i) {
    const VirtualRouterStatus& seen = health.routers[i];
    const bool is_unknown = seen.state == VirtualRouterState::kUnknown;
    LastRouter now{seen.state, seen.active, is_unknown ? seen.reason : std::string()};
    if (routers_[i] == now) continue;
    routers_[i] = std::move(now);
    mark(plan_->router_records[i], Scope::kAll);
  }
  if (touched) {
    for (const std::size_t check : *touched) note_check(check, health.checks[check]);
  } else {
    for (std::size_t i = 0; i < checks_.size(); ++i) note_check(i, health.checks[i]);
  }
}

void DirtyRecords::note_check(std::size_t check, const CheckState& state) {
  LastCheck& seen = checks_[check];
  const bool compare_detail = state.health != Health::kUp;  // the reason is part of the status text
  if (seen.health != state.health || seen.contrary_results != state.contrary_results ||
      seen.may_change != state.may_change || (compare_detail && seen.detail != state.detail)) {
    mark(plan_->check_records[check], Scope::kAll);
    seen = {state.health, state.contrary_results, state.may_change, compare_detail ? state.detail : std::string(),
            state.quality};
  } else if (!(seen.quality == state.quality)) {
    mark(plan_->check_records[check], Scope::kMeasured);
    seen.quality = state.quality;
  }
}

void DirtyRecords::note_overrides(const ActiveOverrides& before, const ActiveOverrides& now) {
  const auto mark_record = [&](std::size_t record) { set_due(record, kDueNow); };
  for_each_difference(before.forces, now.forces, mark_record);
  for_each_difference(before.freezes, now.freezes, mark_record);
  for_each_difference(before.members, now.members, mark_record);
  for_each_difference(before.routers, now.routers,
                      [&](std::size_t router) { mark(plan_->router_records[router], Scope::kAll); });
}

void DirtyRecords::note_link(std::size_t link, const LinkStatus& before, const LinkStatus& now) {
  if (before == now) return;
  mark(plan_->link_records[link], is_same_without_measures(before, now) ? Scope::kMeasured : Scope::kAll);
}

std::vector<std::size_t> DirtyRecords::due(Instant now) const {
  std::vector<std::size_t> records;
  for (auto at = deadlines_.begin(); at != deadlines_.end() && at->first <= now; ++at) records.push_back(at->second);
  std::sort(records.begin(), records.end());
  return records;
}

std::optional<Instant> DirtyRecords::next() const {
  return deadlines_.empty() ? std::nullopt : std::optional(deadlines_.begin()->first);
}

}  // namespace server
