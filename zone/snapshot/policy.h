// The policy of a zone: the rules that say who may do what with it.
//
//     rule    action  clients     transports  operations
//     lab     deny    10.9.0.0/16 all         query, transfer
//     office  allow   10.0.0.0/8  all         query
//     backup  allow   192.0.2.7   tcp         transfer
//
// The first rule that matches the client, the transport and the operation decides. If none matches, a query is allowed
// unless some rule of the zone allows queries, and a transfer is not allowed. The snapshot holds a pointer to the
// policy in the zone's leaf, so a query finds it with the zone; a zone without rules has none. A check takes one binary
// search, for any number of prefixes and rules. Immutable; any thread.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "zone/name/name.h"
#include "zone/snapshot/client_choice.h"

namespace dns {

enum class Operation : std::uint8_t { kQuery, kTransfer };
inline constexpr std::size_t kOperations = 2;

inline constexpr std::size_t kMaxAccessRules = kMaxViews;  // of one zone
inline constexpr std::size_t kMaxTransports = 8;           // bits of AccessRule::transports

// One rule, as the operator wrote it.
struct AccessRule {
  enum class Action : std::uint8_t { kAllow, kDeny } action = Action::kAllow;
  std::vector<Prefix> clients;    // empty: all
  std::uint8_t transports = 0;    // a bit for each transport; 0: all
  std::uint8_t operations = 0x1;  // a bit for each Operation

  friend bool operator==(const AccessRule&, const AccessRule&) = default;
};

class ZonePolicy {
 public:
  explicit ZonePolicy(std::vector<AccessRule> rules);  // at most kMaxAccessRules, in order

  bool allows(Operation operation, const ClientInfo& client) const;

  friend bool operator==(const ZonePolicy& a, const ZonePolicy& b) { return a.rules_ == b.rules_; }

 private:
  using Rules = ViewRanges::Views;  // one bit for each rule
  std::vector<AccessRule> rules_;
  ViewLists clients_;
  std::array<Rules, kOperations> of_operation_{};
  std::array<Rules, kMaxTransports> of_transport_{};
  Rules denying_ = 0;
  std::array<bool, kOperations> otherwise_{};  // if no rule matches
};

// The same for a zone that may have no policy: everybody may query, and nobody may transfer.
inline bool is_allowed(const ZonePolicy* policy, Operation operation, const ClientInfo& client) {
  return policy == nullptr ? operation == Operation::kQuery : policy->allows(operation, client);
}

// The policies of all zones. The zones need not exist.
class ZonePolicies {
 public:
  using Policy = std::shared_ptr<const ZonePolicy>;  // shared by the zones of a template; null: no rules

  // `others`: of all zones that are not in `zones`.
  ZonePolicies(std::vector<std::pair<Name, Policy>> zones, Policy others);

  const ZonePolicy* find(NameView apex) const;

  friend bool operator==(const ZonePolicies& a, const ZonePolicies& b);

 private:
  std::vector<std::pair<Name, Policy>> zones_;  // in canonical order
  Policy others_;
};

}  // namespace dns
