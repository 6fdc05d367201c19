// The options plus a list of distinct checks: what is probed, and which object uses which result.
#pragma once

#include <optional>
#include <span>

#include "server/health/state.h"
#include "server/steering/options.h"
#include "server/vrrp/status.h"

namespace server {

// The interval of advertisements if no other is known (RFC 9568 6.1).
inline constexpr Duration kUsualAdvertisement = std::chrono::seconds{1};

struct Plan {
  SteeringOptions options;
  std::vector<CheckOptions> checks;                                  // each distinct check once
  std::vector<std::vector<std::size_t>> link_checks;                 // by link: indices in `checks`
  std::vector<std::vector<std::vector<std::size_t>>> member_checks;  // by record, by member
  std::vector<std::vector<std::size_t>> link_slas;  // by link: the SLA classes that records use for it, ascending
  // By record: the longest time in which its checks and routers find a failure, and a hash of what its choice depends
  // on in the configuration.
  std::vector<Duration> detection;
  std::vector<std::uint64_t> configurations;
  // The records that depend on an input: by virtual router, by link, and by a member's own check.
  std::vector<std::vector<std::size_t>> router_records, link_records, check_records;
};

Plan make_plan(SteeringOptions options);
// From the start of a probe to its failure: its timeout. That of a file is the age at which its text is no longer
// believed; a file is read at once.
Duration time_to_fail(const MonitorOptions& monitor);

// The evaluator's inputs: everything known at one instant, as values. Simulations modify a copy.

struct HealthState {
  std::vector<VirtualRouterStatus> routers;  // by index of SteeringOptions::virtual_routers
  std::vector<CheckState> checks;            // by index of Plan::checks

  friend bool operator==(const HealthState&, const HealthState&) = default;
};

// Indices of checks, each of which may differ from the last evaluation; nothing: all may.
using TouchedChecks = std::optional<std::span<const std::size_t>>;

// The inputs as the sources hold them.
struct HealthReading {
  HealthReading(std::span<const VirtualRouterStatus> of_routers, std::span<const CheckState> of_checks,
                TouchedChecks touched_checks)
      : routers(of_routers), checks(of_checks), touched(touched_checks) {}
  HealthReading(const HealthState& health)  // NOLINT(google-explicit-constructor): all of it
      : routers(health.routers), checks(health.checks) {}

  std::span<const VirtualRouterStatus> routers;
  std::span<const CheckState> checks;
  TouchedChecks touched;
};

}  // namespace server
