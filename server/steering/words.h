// Names of states, policies and overrides for configuration, status, events and the log; one table each.
#pragma once

#include <optional>
#include <string_view>

#include "server/steering/active_overrides.h"
#include "server/steering/options.h"
#include "server/steering/report.h"
#include "server/vrrp/status.h"

namespace server {

std::string_view word(VirtualRouterState state);  // "no-active"
std::string_view word(LinkState state);           // "degraded"
std::string_view word(MemberState state);         // "drained"
std::string_view word(RecordState state);         // "failed-over"
std::string_view word(Health health);             // "up"
std::string_view word(LinkClass link_class);      // "ip-vpn"
std::string_view word(Policy policy);             // "lowest-cost-sla"

std::string managed_name(const dns::Name& owner, dns::Type type);  // "www.example.com/A"

// The inverse, for configurations and saved states.
std::optional<LinkClass> link_class_of(std::string_view word);
std::optional<Policy> policy_of(std::string_view word);
std::optional<LinkState> link_state_of(std::string_view word);
std::optional<MemberState> member_state_of(std::string_view word);
std::optional<RecordState> record_state_of(std::string_view word);

}  // namespace server
