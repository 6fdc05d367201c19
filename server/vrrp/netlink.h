// The netlink socket that reads the addresses and links of this host. Needs no capability.
//
// Owns the socket and the timer; `NetlinkSync` decides what is read and requested. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/vrrp/netlink_sync.h"

namespace server {

class NetlinkSource : private NetlinkChannel {
 public:
  struct Callbacks {
    // After a dump, and after every batch of changes. Null: the addresses are unknown, see `fault`.
    std::function<void(const HostAddresses*)> changed;
    std::function<void(const std::string& words)> fault;
    std::function<void()> recovered;
  };

  NetlinkSource(boost::asio::io_context& context, Callbacks callbacks);

  dns::Result<void, std::string> open();
  void start();  // again after an exception of a callback

 private:
  dns::Result<std::size_t, int> receive(std::span<std::uint8_t> buffer) override;
  dns::Result<void, int> send(dns::Bytes request) override;
  std::uint32_t port() const override { return port_; }

  void wait();
  void advance();

  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer timer_;
  Callbacks callbacks_;
  std::uint32_t port_ = 0;
  std::optional<NetlinkSync> sync_;  // from `start` on
  bool faulty_ = false;
  // Handlers queued before destruction, or before the last `start`, check it.
  std::shared_ptr<const int> alive_ = std::make_shared<const int>();
};

}  // namespace server
