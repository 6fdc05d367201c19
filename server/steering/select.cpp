#include "server/steering/select.h"

#include <algorithm>

namespace server {

namespace {

inline constexpr double kJitterWeight = 2;
inline constexpr double kLossSeconds = 10;  // a loss of 100% counts like this latency
// Another member must measure below this fraction of the present one to replace it.
inline constexpr double kHysteresis = 0.8;
inline constexpr double kUnmeasured = 1e9;

double measure(const Candidates& of, std::size_t member, Tier tier) {
  const MemberStatus& status = of.members[member];
  double value = 0;
  if (tier == Tier::kDegraded) {
    value = status.excess;
  } else if (of.record.policy == Policy::kBestQuality) {
    value = status.quality.samples == 0 ? kUnmeasured : score(status.quality);
  }
  return of.current == member ? value * kHysteresis : value;
}

// The first member of the tier: by measurement if the policy measures, then in the configured order.
std::size_t best_of(const Candidates& of, Tier tier, const std::vector<std::size_t>& members) {
  return *std::min_element(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
    const double left = measure(of, a, tier), right = measure(of, b, tier);
    return left != right ? left < right : is_preferred(of.record, of.members, a, b);
  });
}

// Applies a staged migration if both of its members are in the tier and the policy selected one of them.
std::vector<std::size_t> apply_migration(const Migration& migrate, std::vector<std::size_t> selected,
                                         const std::vector<std::size_t>& tier) {
  const auto in = [](const std::vector<std::size_t>& list, std::size_t member) {
    return std::find(list.begin(), list.end(), member) != list.end();
  };
  if (!in(tier, migrate.from) || !in(tier, migrate.to) || (!in(selected, migrate.from) && !in(selected, migrate.to)))
    return selected;
  if (migrate.percent == 0) return {migrate.from};
  if (migrate.percent >= 100) return {migrate.to};
  return {std::min(migrate.from, migrate.to), std::max(migrate.from, migrate.to)};
}

// Members of weight 0 are served only if all members have weight 0.
std::vector<std::size_t> with_weight(const Candidates& of, const std::vector<std::size_t>& members) {
  std::vector<std::size_t> weighted;
  std::copy_if(members.begin(), members.end(), std::back_inserter(weighted),
               [&](std::size_t member) { return of.members[member].weight > 0; });
  return weighted.empty() ? members : weighted;
}

std::vector<std::size_t> members_in(const Candidates& of, Tier tier) {
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < of.tiers.size(); ++i) {
    if (of.tiers[i] == tier) members.push_back(i);
  }
  return members;
}

// The order in which tiers are tried.
std::vector<Tier> tier_order(const RecordOptions& record) {
  if (record.if_none == IfNone::kLastResort) return {Tier::kUsable, Tier::kLastResort, Tier::kDegraded, Tier::kDrained};
  return {Tier::kUsable, Tier::kDegraded, Tier::kLastResort, Tier::kDrained};
}

}  // namespace

Tier tier_of(const MemberStatus& member, Served served) {
  if (!member.allowed) return Tier::kNone;
  const Tier best = member.last_resort ? Tier::kLastResort : Tier::kUsable;
  switch (member.report.state) {
    case MemberState::kUsable: return best;
    case MemberState::kDegraded: return member.last_resort ? Tier::kLastResort : Tier::kDegraded;
    case MemberState::kDrained: return Tier::kDrained;
    case MemberState::kUnknown: return served == Served::kYes ? best : Tier::kNone;
    case MemberState::kDown: return Tier::kNone;
  }
  return Tier::kNone;
}

bool returns_one_member(Policy policy) {
  return policy == Policy::kFailover || policy == Policy::kLowestCostSla || policy == Policy::kBestQuality;
}

bool is_preferred(const RecordOptions& record, const std::vector<MemberStatus>& members, std::size_t a, std::size_t b) {
  const auto key = [&](std::size_t member) -> std::uint32_t {
    if (record.policy == Policy::kLowestCostSla) return members[member].cost;
    if (record.policy == Policy::kBestQuality) return members[member].quality_rank;
    if (record.policy != Policy::kFailover || record.prefer == Prefer::kOrder) return 0;
    return record.prefer == Prefer::kCost ? members[member].cost : members[member].quality_rank;
  };
  return key(a) != key(b) ? key(a) < key(b) : a < b;
}

double score(const Quality& quality) {
  const auto seconds = [](Duration duration) { return std::chrono::duration<double>(duration).count(); };
  return seconds(quality.latency) + kJitterWeight * seconds(quality.jitter) + kLossSeconds * quality.loss;
}

Selection select_members(const Candidates& of) {
  for (const Tier tier : tier_order(of.record)) {
    const std::vector<std::size_t> members = members_in(of, tier);
    if (members.empty()) continue;
    if (tier == Tier::kDegraded && of.record.if_none == IfNone::kNodata) return {{}, tier, true};
    Selection selected{members, tier, false};
    if (returns_one_member(of.record.policy)) selected.members = {best_of(of, tier, members)};
    if (of.record.policy == Policy::kWeighted) selected.members = with_weight(of, members);
    if (of.record.migrate) selected.members = apply_migration(*of.record.migrate, selected.members, members);
    return selected;
  }
  return {};
}

}  // namespace server
