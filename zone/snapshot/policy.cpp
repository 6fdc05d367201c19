#include "zone/snapshot/policy.h"

#include <algorithm>
#include <bit>

#include "zone/base/result.h"

namespace dns {
namespace {

using PolicyPointer = ZonePolicies::Policy;

bool same(const PolicyPointer& a, const PolicyPointer& b) {
  return a == b || (a != nullptr && b != nullptr && *a == *b);
}

ViewLists client_lists(std::span<const AccessRule> rules) {
  std::vector<View> views;
  for (const AccessRule& rule : rules) views.push_back({.name = {}, .clients = rule.clients, .local = {}});
  return {views, &View::clients};
}

}  // namespace

ZonePolicy::ZonePolicy(std::vector<AccessRule> rules) : rules_(std::move(rules)), clients_(client_lists(rules_)) {
  require(rules_.size() <= kMaxAccessRules, "there are at most kMaxAccessRules rules");
  otherwise_[static_cast<std::size_t>(Operation::kQuery)] = true;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const AccessRule& rule = rules_[i];
    const Rules bit = Rules{1} << i;
    for (std::size_t operation = 0; operation < kOperations; ++operation) {
      if ((rule.operations >> operation & 1) == 0) continue;
      of_operation_[operation] |= bit;
      if (rule.action == AccessRule::Action::kAllow) otherwise_[operation] = false;
    }
    for (std::size_t transport = 0; transport < kMaxTransports; ++transport)
      if (rule.transports == 0 || (rule.transports >> transport & 1) != 0) of_transport_[transport] |= bit;
    if (rule.action == AccessRule::Action::kDeny) denying_ |= bit;
  }
}

bool ZonePolicy::allows(Operation operation, const ClientInfo& client) const {
  const auto asked = static_cast<std::size_t>(operation);
  const Rules matching = clients_.of(client.address) & of_operation_[asked] & of_transport_[client.transport];
  if (matching == 0) return otherwise_[asked];
  return (denying_ >> std::countr_zero(matching) & 1) == 0;
}

ZonePolicies::ZonePolicies(std::vector<std::pair<Name, Policy>> zones, Policy others)
    : zones_(std::move(zones)), others_(std::move(others)) {
  std::ranges::sort(zones_, CanonicalLess(), &std::pair<Name, Policy>::first);
}

const ZonePolicy* ZonePolicies::find(NameView apex) const {
  const auto at =
      std::ranges::lower_bound(zones_, apex, CanonicalLess(), [](const auto& zone) { return zone.first.view(); });
  return at != zones_.end() && at->first.view() == apex ? at->second.get() : others_.get();
}

bool operator==(const ZonePolicies& a, const ZonePolicies& b) {
  return same(a.others_, b.others_) && std::ranges::equal(a.zones_, b.zones_, [](const auto& x, const auto& y) {
           return x.first == y.first && same(x.second, y.second);
         });
}

}  // namespace dns
