// The options with every check named once: what is probed, and who uses which result.
#pragma once

#include "server/policy/options.h"

namespace server {

struct Plan {
  SteeringOptions options;
  std::vector<CheckOptions> checks;                              // each distinct one once
  std::vector<std::vector<std::size_t>> link_checks;             // by link: indices in `checks`
  std::vector<std::vector<std::vector<std::size_t>>> member_checks;   // by answer, by member
  std::vector<std::vector<std::size_t>> link_slas;               // by link: the SLA classes that answers judge it by, ascending
  // Which answers hang on what: by virtual router, by link, and by check of a member's own.
  std::vector<std::vector<std::size_t>> router_answers, link_answers, check_answers;
};

Plan make_plan(SteeringOptions options);

}  // namespace server
