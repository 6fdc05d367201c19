// All evidence of the world: the virtual routers that are watched and the checks that are made, as one value when
// asked.
//
// Between Asio and the controller. `changed` is called once something that may alter a decision did; measures that move
// with each probe do not call it, they are looked at by the decision tick. One thread, that of the io_context.
#pragma once

#include <boost/asio/io_context.hpp>

#include "server/health/health_checks.h"
#include "server/steering/plan.h"
#include "server/vrrp/vrrp_monitor.h"

namespace server {

class HealthInputs {
 public:
  struct Callbacks {
    std::function<void()> changed;
    std::function<void(const std::string& subject, const std::string& words)> fault;  // a source fails
    std::function<void(const std::string& subject)> recovery;
  };

  HealthInputs(boost::asio::io_context& context, const Plan& plan, Callbacks callbacks);

  // The sockets that need rights; words for the log where they cannot be had and `plan` needs them. Before privileges
  // are dropped.
  std::vector<std::string> open(const Plan& plan);
  // `checks` as `save` gave it, possibly to an earlier process.
  void start(const Plan& plan, std::string_view checks, Instant now, std::chrono::system_clock::time_point wall);
  void replace(const Plan& plan);
  // No programs run any more, no probes are sent. The routers are heard until the io_context ends.
  void stop() { checks_.stop(); }

  HealthState health() const;
  std::string save(Instant now, std::chrono::system_clock::time_point wall) const { return checks_.save(now, wall); }
  const VrrpMonitor& routers() const { return monitor_; }
  const HealthChecks& checks() const { return checks_; }

 private:
  VrrpMonitor monitor_;
  HealthChecks checks_;
};

}  // namespace server
