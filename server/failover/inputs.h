// All inputs of failover: the monitored virtual routers and the health checks, read as one HealthState.
//
// Connects Asio and the controller. `changed` is called after anything that may alter a decision. Measurements that
// move with each probe do not call it; the decision tick reads them. One thread: that of the io_context.
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
    std::function<void(const std::string& line)> rejected;  // advertisements are rejected: one line for the log
  };

  HealthInputs(boost::asio::io_context& context, const Plan& plan, Callbacks callbacks);

  // Opens the sockets that need privileges; call it before privileges are dropped. Returns messages for the log if
  // `plan` needs sockets that cannot be opened.
  std::vector<std::string> open(const Plan& plan);
  // `checks`: text from `save`, possibly by an earlier process.
  void start(const Plan& plan, std::string_view checks, Instant now, std::chrono::system_clock::time_point wall);
  void replace(const Plan& plan);
  // Stops all probes and kills their programs. The router sources run until the io_context ends.
  void stop() { checks_.stop(); }

  // As of `now`: results that are too old are unknown.
  HealthState health(Instant now);
  std::string save(Instant now, std::chrono::system_clock::time_point wall) const { return checks_.save(now, wall); }
  const VrrpMonitor& routers() const { return monitor_; }
  const HealthChecks& checks() const { return checks_; }

 private:
  VrrpMonitor monitor_;
  HealthChecks checks_;
};

}  // namespace server
