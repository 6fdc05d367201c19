// The options with every check named once: what is probed, and who uses which result.
#pragma once

#include "server/health/state.h"
#include "server/steering/options.h"
#include "server/vrrp/status.h"

namespace server {

struct Plan {
  SteeringOptions options;
  std::vector<CheckOptions> checks;                                  // each distinct one once
  std::vector<std::vector<std::size_t>> link_checks;                 // by link: indices in `checks`
  std::vector<std::vector<std::vector<std::size_t>>> member_checks;  // by record, by member
  std::vector<std::vector<std::size_t>> link_slas;  // by link: the SLA classes that records judge it by, ascending
  // Which records hang on what: by virtual router, by link, and by check of a member's own.
  std::vector<std::vector<std::size_t>> router_records, link_records, check_records;
};

Plan make_plan(SteeringOptions options);

// What the evaluator judges: everything known at an instant, as values. Simulations alter a copy.

struct HealthState {
  std::vector<VirtualRouterStatus> routers;  // by index of SteeringOptions::virtual_routers
  std::vector<CheckState> checks;            // by index of Plan::checks

  friend bool operator==(const HealthState&, const HealthState&) = default;
};

}  // namespace server
