// All inputs of failover: the monitored virtual routers and the health checks, read as of one instant.
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
  // After an exception of a callback or handler: each source works again, for this plan.
  void restart(const Plan& plan);
  // Stops all probes and kills their programs. The router sources run until the io_context ends.
  void stop() { checks_.stop(); }

  // Calls `read` with all inputs as of `now`: results that are too old are unknown. What it has read is not touched any
  // more, unless it throws.
  template <class Read>
  auto read(Instant now, Read&& read) {
    checks_.expire(now);
    const std::vector<VirtualRouterStatus> routers = router_statuses();
    const auto touched = checks_.touched();
    auto result = read(HealthReading{routers, checks_.states(), touched ? TouchedChecks(*touched) : std::nullopt});
    checks_.clear_touched();
    return result;
  }
  std::string save(Instant now, std::chrono::system_clock::time_point wall) const { return checks_.save(now, wall); }
  const VrrpMonitor& routers() const { return monitor_; }
  const HealthChecks& checks() const { return checks_; }

 private:
  std::vector<VirtualRouterStatus> router_statuses() const;

  VrrpMonitor monitor_;
  HealthChecks checks_;
};

}  // namespace server
