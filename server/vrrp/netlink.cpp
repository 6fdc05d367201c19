#include "server/vrrp/netlink.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace server {
namespace {

constexpr int kNetlinkQueueOctets = 1 << 20;

sockaddr* as_netlink_address(sockaddr_nl& address) { return static_cast<sockaddr*>(static_cast<void*>(&address)); }

}  // namespace

NetlinkSource::NetlinkSource(boost::asio::io_context& context, Callbacks callbacks)
    : socket_(context), timer_(context), callbacks_(std::move(callbacks)) {}

dns::Result<void, std::string> NetlinkSource::open() {
  const auto failed = [](const char* what) {
    return dns::Failure<std::string>(std::string("netlink: ") + what + ": " + std::strerror(errno));
  };
  const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (socket < 0) return failed("socket");
  socket_.assign(socket);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &kNetlinkQueueOctets, sizeof kNetlinkQueueOctets);
  sockaddr_nl self{};
  self.nl_family = AF_NETLINK;
  self.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  socklen_t size = sizeof self;
  if (::bind(socket, as_netlink_address(self), sizeof self) != 0 ||
      ::getsockname(socket, as_netlink_address(self), &size) != 0) {
    const auto failure = failed("bind");
    socket_.close();
    return failure;
  }
  port_ = self.nl_pid;
  return {};
}

void NetlinkSource::start() {
  if (!socket_.is_open()) return;
  alive_ = std::make_shared<const int>();
  socket_.cancel();
  if (sync_) sync_->distrust(Instant::clock::now());
  else sync_.emplace(static_cast<NetlinkChannel&>(*this), Instant::clock::now());
  wait();
  advance();
}

dns::Result<std::size_t, int> NetlinkSource::receive(std::span<std::uint8_t> buffer) {
  sockaddr_nl sender{};
  iovec part{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_name = &sender;
  message.msg_namelen = sizeof sender;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const ssize_t size = ::recvmsg(socket_.native_handle(), &message, 0);
  if (size < 0) return dns::Failure<int>(errno);
  if ((message.msg_flags & MSG_TRUNC) != 0) return dns::Failure<int>(EMSGSIZE);
  return sender.nl_pid == 0 ? static_cast<std::size_t>(size) : std::size_t{0};
}

dns::Result<void, int> NetlinkSource::send(dns::Bytes request) {
  if (::send(socket_.native_handle(), request.data(), request.size(), 0) < 0) return dns::Failure<int>(errno);
  return {};
}

void NetlinkSource::wait() {
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
                       if (error || alive.expired()) return;
                       advance();
                       wait();
                     });
}

void NetlinkSource::advance() {
  const bool changed = sync_->advance(Instant::clock::now());
  timer_.expires_at(std::chrono::time_point_cast<boost::asio::steady_timer::duration>(sync_->next_deadline()));
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired()) advance();
  });
  const bool faulty = !sync_->fault().empty();
  if (faulty != std::exchange(faulty_, faulty)) faulty ? callbacks_.fault(sync_->fault()) : callbacks_.recovered();
  if (changed) callbacks_.changed(sync_->current());
}

}  // namespace server
