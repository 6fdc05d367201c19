// Captures advertisements on one interface with a packet socket. Unlike a socket of protocol 112 it also sees what this
// host sends, so it works on the active router itself.
//
//     kernel: filter (VRRP; authentication headers to the group) --> queue -- batches --> validate_advert()
//     validate_advert() --> accepted: the subscriber; rejected: a counter
//
// An ordinary socket joins the multicast groups: a switch with snooping would not forward them otherwise. The packet
// socket is opened unbound, which needs CAP_NET_RAW, and bound to the interface whenever that appears, which needs no
// capability. Other work runs between batches, so a flood does not block the thread; packets that the queue then drops
// are counted. Times are the kernel's receive times. One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "server/runtime/descriptor.h"
#include "server/vrrp/host_addresses.h"
#include "zone/base/result.h"

namespace server {

// Unbound: receives nothing yet. The error is errno.
dns::Result<FileDescriptor, int> open_packet_socket();

// A socket of protocol 112 that discards everything. Without one the kernel answers unicast advertisements with
// "protocol unreachable".
dns::Result<FileDescriptor, int> open_guard_socket(Family family);

struct AdvertSubscriber {
  const VirtualRouterOptions* options;
  AdvertCounters* counters;
  // For accepted advertisements; the capture has counted them.
  std::function<void(const Advertisement&, Instant)> on_advert;
  // For rejected ones that belong to the virtual router, or come from one of its routers with another VRID.
  std::function<void(const AdvertResult&, dns::Bytes packet, Instant)> on_rejected;
};

class AdvertCapture {
 public:
  AdvertCapture(boost::asio::io_context& context, std::string interface);

  void adopt(FileDescriptor packet_socket);
  FileDescriptor release();  // the capture stops; another one may adopt the socket
  void subscribe(std::vector<AdvertSubscriber> subscribers);
  void start();  // again after an exception of a subscriber

  // Binds to the interface with that name as it is now. The error says for people why nothing can be received. `host`:
  // null: the state of the links is unknown.
  dns::Result<void, std::string> refresh(const HostAddresses* host);

  const std::string& interface() const { return interface_; }
  const AdvertCounters& counters() const { return counters_; }

 private:
  dns::Result<void, std::string> bind(int index);
  void join(int index);
  void wait();
  void drain();
  void take(dns::Bytes packet, bool outgoing, Instant at);
  void reject(const AdvertResult& result, dns::Bytes packet, Instant at);

  std::string interface_;
  boost::asio::posix::stream_descriptor socket_;
  FileDescriptor groups4_, groups6_;
  int bound_ = 0;  // index of the interface; 0: none
  std::vector<AdvertSubscriber> subscribers_;
  std::vector<const VirtualRouterOptions*> configured_;  // of the subscribers, in the same order
  AdvertCounters counters_;                              // for packets that belong to no subscriber
  // Handlers queued before destruction, or before the last `start`, check it.
  std::shared_ptr<const int> alive_ = std::make_shared<const int>();
};

}  // namespace server
