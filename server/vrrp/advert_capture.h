// Advertisements on one interface, by a packet socket: unlike a socket of protocol 112 it also sees what this very host
// sends, so that it works on the active router itself.
//
//     kernel: filter (VRRP; authentication headers to the group) --> queue --batches--> validate_advert() -->
//     subscriber, or a counter
//
// The groups are joined by an ordinary socket: a switch that snoops would withhold them. The packet socket is opened
// unbound, which takes CAP_NET_RAW, and bound to the interface whenever that appears, which takes none. Between batches
// others have their turn on the thread: a flood delays nobody, and what the queue then loses is counted. Times are
// those of the kernel's reception. One thread.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "server/runtime/descriptor.h"
#include "server/vrrp/netlink.h"

namespace server {

// Unbound: hears nothing. The error is errno.
dns::Result<FileDescriptor, int> open_packet_socket();

// A socket of protocol 112 that keeps nothing: without one the kernel answers unicast advertisements with "protocol
// unreachable".
dns::Result<FileDescriptor, int> open_guard_socket(Family family);

struct AdvertSubscriber {
  const VirtualRouterOptions* options;
  AdvertCounters* counters;
  std::function<void(const Advertisement&, Instant)> on_advert;  // accepted; counted by the capture
};

class AdvertCapture {
 public:
  AdvertCapture(boost::asio::io_context& context, std::string interface);

  void adopt(FileDescriptor packet_socket);
  FileDescriptor release();  // deaf; another may adopt it
  void subscribe(std::vector<AdvertSubscriber> subscribers);
  void start();

  // Binds to the interface of that name as it is now. The error is what keeps it from hearing, for people. `host`: null
  // where nothing is known of links.
  dns::Result<void, std::string> refresh(const HostAddresses* host);

  const std::string& interface() const { return interface_; }
  const AdvertCounters& counters() const { return counters_; }

 private:
  dns::Result<void, std::string> bind(int index);
  void join(int index);
  void wait();
  void drain();
  void take(dns::Bytes packet, bool outgoing, Instant at);

  std::string interface_;
  boost::asio::posix::stream_descriptor socket_;
  FileDescriptor groups4_, groups6_;
  int bound_ = 0;  // index of the interface; 0: none
  std::vector<AdvertSubscriber> subscribers_;
  std::vector<const VirtualRouterOptions*> configured_;  // of the subscribers, in their order
  AdvertCounters counters_;                              // of what belongs to no subscriber
  std::shared_ptr<const int> alive_ =
      std::make_shared<const int>();  // what was queued before the end sees that it is gone
};

}  // namespace server
