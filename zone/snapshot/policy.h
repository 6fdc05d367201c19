// The policy of a zone: the rules that say who may do what with it.
//
//     rule    action  clients     transports  keys        operations
//     lab     deny    10.9.0.0/16 all         any or none query, transfer
//     office  allow   10.0.0.0/8  all         any or none query
//     backup  allow   192.0.2.7   tcp         backup.     transfer
//
// The first rule that matches the client, the transport, the key of the request and the operation decides. If none
// matches, a query is allowed unless some rule of the zone allows queries, and a transfer is not allowed. The snapshot
// holds a pointer to the policy in the zone's leaf, so a query finds it with the zone; a zone without rules has none. A
// check takes one binary search, for any number of prefixes and rules; rules with keys are then checked one by one.
// Immutable; any thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "zone/message/tsig.h"
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
  std::string name{};             // for people
  std::vector<Prefix> clients;    // empty: all
  std::uint8_t transports = 0;    // a bit for each transport; 0: all
  std::uint8_t operations = 0x1;  // a bit for each Operation
  // Numbers of TSIG keys (TsigKey::number): the request is signed with one of them. Empty: signed or not.
  std::vector<std::uint16_t> keys{};

  friend bool operator==(const AccessRule&, const AccessRule&) = default;
};

class ZonePolicy {
 public:
  explicit ZonePolicy(std::vector<AccessRule> rules);  // at most kMaxAccessRules, in order

  bool allows(Operation operation, const ClientInfo& client) const;
  // The index of the rule that decides; nothing if none matches.
  std::optional<std::size_t> deciding_rule(Operation operation, const ClientInfo& client) const;
  std::span<const AccessRule> rules() const { return rules_; }

  friend bool operator==(const ZonePolicy& a, const ZonePolicy& b) { return a.rules_ == b.rules_; }

 private:
  using Rules = ViewRanges::Views;  // one bit for each rule
  std::vector<AccessRule> rules_;
  ViewLists clients_;
  std::array<Rules, kOperations> of_operation_{};
  std::array<Rules, kMaxTransports> of_transport_{};
  Rules matching(Operation operation, const ClientInfo& client) const;

  Rules denying_ = 0, keyed_ = 0;
  std::array<bool, kOperations> otherwise_{};  // if no rule matches
};

// The same for a zone that may have no policy: everybody may query, and nobody may transfer.
inline bool is_allowed(const ZonePolicy* policy, Operation operation, const ClientInfo& client) {
  return policy == nullptr ? operation == Operation::kQuery : policy->allows(operation, client);
}

// The policies of all zones, and the keys that their rules name. The zones need not exist.
class ZonePolicies {
 public:
  using Policy = std::shared_ptr<const ZonePolicy>;  // shared by the zones of a template; null: no rules

  // `others`: of all zones that are not in `zones`. `keys`: all TSIG keys of the server; null: it has none.
  ZonePolicies(std::vector<std::pair<Name, Policy>> zones, Policy others,
               std::shared_ptr<const TsigKeys> keys = nullptr);

  const ZonePolicy* find(NameView apex) const;
  const std::shared_ptr<const TsigKeys>& keys() const { return keys_; }

  friend bool operator==(const ZonePolicies& a, const ZonePolicies& b);

 private:
  std::vector<std::pair<Name, Policy>> zones_;  // in canonical order
  Policy others_;
  std::shared_ptr<const TsigKeys> keys_;  // shared with replies that are not finished
};

}  // namespace dns
