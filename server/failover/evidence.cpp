#include "server/failover/evidence.h"

#include <algorithm>

namespace server {

Evidence::Evidence(boost::asio::io_context& context, const Plan& plan, Callbacks callbacks)
    : routers_(context, plan.options.virtual_routers,
               {.on_change = [changed = callbacks.changed](std::size_t, const Observation&) { changed(); },
                .on_fault = [fault = callbacks.fault](const SourceFault& each) { fault(each.subject, each.message); },
                .on_recovery = callbacks.recovery}),
      checks_(context, {.on_change = [changed = callbacks.changed](std::size_t, const CheckState&) { changed(); },
                        .first_round_done = callbacks.changed}) {}

std::vector<std::string> Evidence::open(const Plan& plan) {
  std::vector<std::string> faults;
  for (const SourceFault& fault : routers_.open()) faults.push_back(fault.message);
  const bool pings = std::ranges::any_of(plan.checks, [](const CheckOptions& check) { return check.monitor.kind == ProbeKind::kIcmp; });
  if (const auto opened = checks_.open(); !opened && pings) faults.push_back(opened.error());
  return faults;
}

void Evidence::start(const Plan& plan, std::string_view checks, Instant now, std::chrono::system_clock::time_point wall) {
  checks_.restore(checks, now, wall);
  checks_.replace(plan.checks);
  routers_.start();
}

void Evidence::replace(const Plan& plan) {
  routers_.replace(plan.options.virtual_routers);
  checks_.replace(plan.checks);
}

Facts Evidence::facts() const {
  Facts facts;
  for (std::size_t i = 0; i < routers_.size(); ++i) facts.routers.push_back(routers_.observation(i));
  facts.checks = checks_.states();
  return facts;
}

}  // namespace server
