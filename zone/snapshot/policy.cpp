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
    if (!rule.keys.empty()) keyed_ |= bit;
  }
}

ZonePolicy::Rules ZonePolicy::matching(Operation operation, const ClientInfo& client) const {
  Rules rules = clients_.of(client.address) & of_operation_[static_cast<std::size_t>(operation)] &
                of_transport_[client.transport];
  for (Rules left = rules & keyed_; left != 0; left &= left - 1) {
    const auto rule = static_cast<std::size_t>(std::countr_zero(left));
    const std::vector<std::uint16_t>& keys = rules_[rule].keys;
    if (std::ranges::find(keys, client.key) == keys.end()) rules &= ~(Rules{1} << rule);
  }
  return rules;
}

bool ZonePolicy::allows(Operation operation, const ClientInfo& client) const {
  const Rules rules = matching(operation, client);
  if (rules == 0) return otherwise_[static_cast<std::size_t>(operation)];
  return (denying_ >> std::countr_zero(rules) & 1) == 0;
}

std::optional<std::size_t> ZonePolicy::deciding_rule(Operation operation, const ClientInfo& client) const {
  const Rules rules = matching(operation, client);
  if (rules == 0) return std::nullopt;
  return static_cast<std::size_t>(std::countr_zero(rules));
}

ZonePolicies::ZonePolicies(std::vector<std::pair<Name, Policy>> zones, Policy others,
                           std::shared_ptr<const TsigKeys> keys)
    : zones_(std::move(zones)), others_(std::move(others)), keys_(std::move(keys)) {
  std::ranges::sort(zones_, CanonicalLess(), &std::pair<Name, Policy>::first);
}

const ZonePolicy* ZonePolicies::find(NameView apex) const {
  const auto at =
      std::ranges::lower_bound(zones_, apex, CanonicalLess(), [](const auto& zone) { return zone.first.view(); });
  return at != zones_.end() && at->first.view() == apex ? at->second.get() : others_.get();
}

bool operator==(const ZonePolicies& a, const ZonePolicies& b) {
  const bool same_keys = a.keys_ == b.keys_ || (a.keys_ != nullptr && b.keys_ != nullptr && a.keys_->equals(*b.keys_));
  return same_keys && same(a.others_, b.others_) &&
         std::ranges::equal(a.zones_, b.zones_, [](const auto& x, const auto& y) {
           return x.first == y.first && same(x.second, y.second);
         });
}

}  // namespace dns
