#include "server/failover/inputs.h"

#include <algorithm>

namespace server {

HealthInputs::HealthInputs(boost::asio::io_context& context, const Plan& plan, Callbacks callbacks)
    : monitor_(context, plan.options.virtual_routers,
               {.on_change = [changed = callbacks.changed](std::size_t, const VirtualRouterStatus&) { changed(); },
                .on_fault = [fault = callbacks.fault](const SourceFault& each) { fault(each.subject, each.message); },
                .on_rejected = callbacks.rejected,
                .on_recovery = callbacks.recovery}),
      checks_(context, {.on_change = [changed = callbacks.changed](std::size_t, const CheckState&) { changed(); },
                        .first_round_done = callbacks.changed}) {}

std::vector<std::string> HealthInputs::open(const Plan& plan) {
  std::vector<std::string> faults;
  for (const SourceFault& fault : monitor_.open()) faults.push_back(fault.message);
  const bool pings = std::ranges::any_of(
      plan.checks, [](const CheckOptions& check) { return check.monitor.kind == ProbeKind::kIcmp; });
  if (const auto opened = checks_.open(); !opened && pings) faults.push_back(opened.error());
  return faults;
}

void HealthInputs::start(const Plan& plan, std::string_view checks, Instant now,
                         std::chrono::system_clock::time_point wall) {
  checks_.restore(checks, now, wall);
  checks_.replace(plan.checks, plan.options.programs);
  monitor_.start();
}

void HealthInputs::replace(const Plan& plan) {
  monitor_.replace(plan.options.virtual_routers);
  checks_.replace(plan.checks, plan.options.programs);
}

std::vector<VirtualRouterStatus> HealthInputs::router_statuses() const {
  std::vector<VirtualRouterStatus> routers;
  for (std::size_t i = 0; i < monitor_.size(); ++i) routers.push_back(monitor_.status(i));
  return routers;
}

void HealthInputs::restart(const Plan& plan) {
  replace(plan);
  monitor_.start();
  checks_.restart();
}

}  // namespace server
