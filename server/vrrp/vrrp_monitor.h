// The monitor of all virtual routers: their trackers, and the sources that feed them.
//
//     capture (one per interface) -- advertisements ----.
//     netlink (one) -- virtual addresses, links --------+--> RouterTracker (one per virtual router)
//     fifo (one per virtual router) -- roles -----------'          |  ^ timer: the tracker's next deadline
//                                                                  '--> on_change(index, status)
//
// One thread runs the io_context and calls all functions except the counters, which any thread may read while the
// object lives. `open` needs CAP_NET_RAW if a virtual router uses advertisements; call it before privileges are
// dropped. It reports once what it could not open. Without advertisements a virtual router stays UNKNOWN unless another
// source reports a state. A packet socket is kept when its interface disappears and is bound again to the new one,
// which needs no capability. An interface that a reload adds needs a socket of its own: `open` opens a few spare ones.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "server/vrrp/counters.h"
#include "server/vrrp/options.h"
#include "server/vrrp/router_tracker.h"
#include "server/vrrp/status.h"

namespace server {

// A fault of a source: "eth0: packet socket: Operation not permitted (CAP_NET_RAW is needed)".
struct SourceFault {
  enum class Kind : std::uint8_t { kNotPermitted, kNoInterface, kUnreadable, kSystem, kRejected } kind{};
  std::string subject;  // the interface, the FIFO's path, "netlink", a router "lan-gw:rtr-a"
  std::string message;  // complete message for people

  friend bool operator==(const SourceFault&, const SourceFault&) = default;
};

class VrrpMonitor {
 public:
  struct Callbacks {
    // Index in the options; called if state, active router or stale_vip changed.
    std::function<void(std::size_t, const VirtualRouterStatus&)> on_change;
    std::function<void(const SourceFault&)> on_fault;             // a source fails; reported once until it recovers
    std::function<void(const std::string& line)> on_rejected;     // advertisements are rejected: one line for the log
    std::function<void(const std::string& subject)> on_recovery;  // the source works again
  };

  VrrpMonitor(boost::asio::io_context& context, std::vector<VirtualRouterOptions> options, Callbacks callbacks);
  ~VrrpMonitor();
  VrrpMonitor(const VrrpMonitor&) = delete;
  VrrpMonitor& operator=(const VrrpMonitor&) = delete;

  // Opens the sockets; needs CAP_NET_RAW. Returns the faults that keep a source from working now; start() tries again.
  std::vector<SourceFault> open();

  // Starts all sources; `on_change` is called only from the io_context. Call it again after an exception of a callback
  // or handler, which may have ended the work of a source.
  void start();

  // A reload: a virtual router with unchanged options keeps its state, whatever its new index. Do not call it from a
  // callback. Kept routers cause no callback; new ones do as their advertisements arrive.
  void replace(std::vector<VirtualRouterOptions> options);

  std::size_t size() const;
  const VirtualRouterOptions& options(std::size_t index) const;
  const RouterTracker& tracker(std::size_t index) const;
  // As of the last change, except `reason` and `may_change`, which are current.
  const VirtualRouterStatus& status(std::size_t index) const;

  // Any thread, until replace(). `counters`: of the virtual router. `interface_counters`: of packets that belong to no
  // virtual router, by interface.
  const AdvertCounters& counters(std::size_t index) const;
  const AdvertCounters* interface_counters(const std::string& interface) const;  // nullptr: no capture there
  std::uint64_t transitions(std::size_t index) const;                            // changes of state or active router

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace server
