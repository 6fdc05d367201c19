// All virtual routers that are watched: their trackers, and the sources that feed them.
//
//     capture (one an interface) --advertisements--.
//     netlink (one)   --virtual addresses, links----+--> RouterTracker (one a virtual router) --> on_change(index,
//     status) fifo (one a virtual router) --roles-----------'         ^ timer: the tracker's next deadline
//
// One thread runs the io_context and calls everything but the counters, which any thread may read while the object
// lives. `open` needs CAP_NET_RAW where a virtual router listens to advertisements, nothing otherwise; it comes before
// privileges are dropped. What it could not open it says, once; without advertisements a virtual router stays UNKNOWN
// unless another source speaks. A packet socket is kept over the loss of its interface and bound again to the new one,
// which takes no capability. An interface that a reload names for the first time needs a socket of its own: a few are
// opened in advance by `open`.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "server/vrrp/counters.h"
#include "server/vrrp/options.h"
#include "server/vrrp/status.h"

namespace server {

// What a source lacks: "eth0: packet socket: Operation not permitted (CAP_NET_RAW is needed)".
struct SourceFault {
  enum class Kind : std::uint8_t { kNotPermitted, kNoInterface, kUnreadable, kSystem } kind{};
  std::string subject;  // the interface, the FIFO's path, "netlink"
  std::string message;  // for people, whole

  friend bool operator==(const SourceFault&, const SourceFault&) = default;
};

class VrrpMonitor {
 public:
  struct Callbacks {
    std::function<void(std::size_t, const VirtualRouterStatus&)>
        on_change;  // index in the options; state, active router, or stale_vip differ
    std::function<void(const SourceFault&)> on_fault;             // a source fails; said once until it recovered
    std::function<void(const std::string& subject)> on_recovery;  // it works again
  };

  VrrpMonitor(boost::asio::io_context& context, std::vector<VirtualRouterOptions> options, Callbacks callbacks);
  ~VrrpMonitor();
  VrrpMonitor(const VrrpMonitor&) = delete;
  VrrpMonitor& operator=(const VrrpMonitor&) = delete;

  // The sockets: call it with CAP_NET_RAW. The faults are those that keep a source from working now; start() goes on
  // trying.
  std::vector<SourceFault> open();

  // Begins to listen and to judge; `on_change` is called from the io_context only.
  void start();

  // A reload: a virtual router whose options are as they were keeps what is known of it, whatever its new index. Not
  // from within a callback; of those that are kept nothing is called back, of the new ones as advertisements come.
  void replace(std::vector<VirtualRouterOptions> options);

  std::size_t size() const;
  const VirtualRouterOptions& options(std::size_t index) const;
  const VirtualRouterStatus& status(
      std::size_t index) const;  // as of the last change, but for `reason` and `may_change`: of now

  // Any thread, until replace(): those of the virtual router; those that could be told no virtual router, by interface.
  const AdvertCounters& counters(std::size_t index) const;
  const AdvertCounters* interface_counters(const std::string& interface) const;  // nullptr: nobody listens there
  std::uint64_t transitions(std::size_t index) const;                            // changes of state or active router

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace server
