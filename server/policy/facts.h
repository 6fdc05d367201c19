// What the evaluator judges: everything known at an instant, as values. Simulations alter a copy.
#pragma once

#include <map>

#include "server/health/state.h"
#include "server/policy/plan.h"
#include "server/vrrp/observation.h"

namespace server {

struct Facts {
  std::vector<Observation> routers;   // by index of SteeringOptions::virtual_routers
  std::vector<CheckState> checks;     // by index of Plan::checks

  friend bool operator==(const Facts&, const Facts&) = default;
};

}  // namespace server
