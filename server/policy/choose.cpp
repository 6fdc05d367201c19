#include "server/policy/choose.h"

#include <algorithm>

namespace server {

namespace {

inline constexpr double kJitterWeight = 2;
inline constexpr double kLossSeconds = 10;       // what losing everything would count as
inline constexpr double kClearlyBetter = 0.8;    // of the present member's measure, to take its place
inline constexpr double kUnmeasured = 1e9;

double measure(const Candidates& of, std::size_t member, Tier tier) {
  const MemberStatus& status = of.members[member];
  double value = 0;
  if (tier == Tier::kDegraded) {
    value = status.excess;
  } else if (of.answer.policy == Policy::kBestQuality) {
    value = status.quality.samples == 0 ? kUnmeasured : score(status.quality);
  }
  return of.current == member ? value * kClearlyBetter : value;
}

// The first of the tier: by measure where one counts, then as configured.
std::size_t first_of(const Candidates& of, Tier tier, const std::vector<std::size_t>& members) {
  return *std::min_element(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
    const double left = measure(of, a, tier), right = measure(of, b, tier);
    return left != right ? left < right : ranks_before(of.answer, of.members, a, b);
  });
}

// The split of a staged migration, where both ends are in the tier and the policy came upon one of them.
std::vector<std::size_t> migrated(const Migration& migrate, std::vector<std::size_t> wanted, const std::vector<std::size_t>& tier) {
  const auto in = [](const std::vector<std::size_t>& list, std::size_t member) { return std::find(list.begin(), list.end(), member) != list.end(); };
  if (!in(tier, migrate.from) || !in(tier, migrate.to) || (!in(wanted, migrate.from) && !in(wanted, migrate.to))) return wanted;
  if (migrate.percent == 0) return {migrate.from};
  if (migrate.percent >= 100) return {migrate.to};
  return {std::min(migrate.from, migrate.to), std::max(migrate.from, migrate.to)};
}

// Members of weight 0 are answered only where all have it.
std::vector<std::size_t> weighty(const Candidates& of, const std::vector<std::size_t>& members) {
  std::vector<std::size_t> heavy;
  std::copy_if(members.begin(), members.end(), std::back_inserter(heavy), [&](std::size_t member) { return of.members[member].weight > 0; });
  return heavy.empty() ? members : heavy;
}

std::vector<std::size_t> members_in(const Candidates& of, Tier tier) {
  std::vector<std::size_t> members;
  for (std::size_t i = 0; i < of.tiers.size(); ++i) {
    if (of.tiers[i] == tier) members.push_back(i);
  }
  return members;
}

// In which order tiers are looked at.
std::vector<Tier> order_of(const AnswerOptions& answer) {
  if (answer.if_none == IfNone::kLastResort) return {Tier::kUsable, Tier::kLastResort, Tier::kDegraded, Tier::kDrained};
  return {Tier::kUsable, Tier::kDegraded, Tier::kLastResort, Tier::kDrained};
}

}  // namespace

Tier tier_of(const MemberStatus& member, Standpoint standpoint) {
  if (!member.allowed) return Tier::kNone;
  const Tier best = member.last_resort ? Tier::kLastResort : Tier::kUsable;
  switch (member.report.state) {
    case MemberState::kUsable: return best;
    case MemberState::kDegraded: return member.last_resort ? Tier::kLastResort : Tier::kDegraded;
    case MemberState::kDrained: return Tier::kDrained;
    case MemberState::kUnknown: return standpoint == Standpoint::kChosen ? best : Tier::kNone;
    case MemberState::kDown: return Tier::kNone;
  }
  return Tier::kNone;
}

bool takes_one(Policy policy) {
  return policy == Policy::kFailover || policy == Policy::kLowestCostSla || policy == Policy::kBestQuality;
}

bool ranks_before(const AnswerOptions& answer, const std::vector<MemberStatus>& members, std::size_t a, std::size_t b) {
  const auto key = [&](std::size_t member) -> std::uint32_t {
    if (answer.policy == Policy::kLowestCostSla) return members[member].cost;
    if (answer.policy == Policy::kBestQuality) return members[member].quality_rank;
    if (answer.policy != Policy::kFailover || answer.prefer == Prefer::kOrder) return 0;
    return answer.prefer == Prefer::kCost ? members[member].cost : members[member].quality_rank;
  };
  return key(a) != key(b) ? key(a) < key(b) : a < b;
}

double score(const Quality& quality) {
  const auto seconds = [](Duration duration) { return std::chrono::duration<double>(duration).count(); };
  return seconds(quality.latency) + kJitterWeight * seconds(quality.jitter) + kLossSeconds * quality.loss;
}

Wanted choose(const Candidates& of) {
  for (const Tier tier : order_of(of.answer)) {
    const std::vector<std::size_t> members = members_in(of, tier);
    if (members.empty()) continue;
    if (tier == Tier::kDegraded && of.answer.if_none == IfNone::kNodata) return {{}, tier, true};
    Wanted wanted{members, tier, false};
    if (takes_one(of.answer.policy)) wanted.members = {first_of(of, tier, members)};
    if (of.answer.policy == Policy::kWeighted) wanted.members = weighty(of, members);
    if (of.answer.migrate) wanted.members = migrated(*of.answer.migrate, wanted.members, members);
    return wanted;
  }
  return {};
}

}  // namespace server
