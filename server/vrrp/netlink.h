// The virtual addresses on this host, from the kernel: RTM_NEWADDR, RTM_DELADDR, RTM_NEWLINK, RTM_DELLINK.
//
// A virtual address is live if it is present on an interface that is up, has carrier and is not protodown: keepalived
// adds and deletes the address, on the interface or on a macvlan vrrp.<vrid>; FRR leaves it and sets protodown. Needs
// no capability.
//
// `HostAddresses` is the collected state (pure). `NetlinkSource` owns the socket: first a dump, then changes. If the
// kernel dropped messages (ENOBUFS), everything is dumped again. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/vrrp/router_tracker.h"
#include "zone/base/result.h"

namespace server {

class HostAddresses {
 public:
  enum class Read : std::uint8_t { kMore, kEndOfDump, kError };

  // One datagram of netlink messages; malformed messages and other kinds are ignored.
  Read take(dns::Bytes datagram);
  void clear();

  VipState state_of(const std::vector<boost::asio::ip::address>& vips) const;  // kAbsent unless all are present
  bool is_usable(int interface) const;                                         // up, with carrier, not protodown

 private:
  struct Link {
    bool running = false;  // IFF_UP and IFF_LOWER_UP
    bool protodown = false;
  };
  void take_link(dns::Bytes message, bool removed);
  void take_address(dns::Bytes message, bool removed);

  std::map<int, Link> links_;
  std::map<boost::asio::ip::address, std::set<int>> addresses_;  // without zone index
};

class NetlinkSource {
 public:
  using Changed = std::function<void(const HostAddresses&)>;  // after a dump, and after every batch of changes

  NetlinkSource(boost::asio::io_context& context, Changed changed);

  dns::Result<void, std::string> open();
  void start();

 private:
  void wait();
  void drain();
  void request_dump();
  void try_later();

  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer retry_;
  Changed changed_;
  HostAddresses addresses_;
  enum class Dump : std::uint8_t { kLinks, kAddresses, kDone } dump_ = Dump::kLinks;
  std::shared_ptr<const int> alive_ = std::make_shared<const int>();  // handlers queued before destruction check it
};

}  // namespace server
