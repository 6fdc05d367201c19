#include "server/vrrp/netlink.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace server {
namespace {

namespace ip = boost::asio::ip;
using dns::Bytes;

constexpr std::size_t kDatagramMax = 64 * 1024;
constexpr int kDatagramsPerWake = 64;
constexpr std::chrono::milliseconds kNetlinkRetryDelay{500};

// Reads a kernel structure at the start of `bytes`; nothing if there are too few bytes.
template <class T>
std::optional<T> read(Bytes bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

constexpr std::size_t padded(std::size_t length) { return (length + 3) & ~std::size_t{3}; }

// Calls visit(type, value) for each attribute (struct rtattr).
template <class Visit>
void each_attribute(Bytes bytes, const Visit& visit) {
  while (const auto head = read<rtattr>(bytes)) {
    if (head->rta_len < sizeof(rtattr) || head->rta_len > bytes.size()) return;
    visit(head->rta_type, bytes.subspan(sizeof(rtattr), head->rta_len - sizeof(rtattr)));
    bytes = bytes.subspan(std::min(padded(head->rta_len), bytes.size()));
  }
}

std::optional<ip::address> address_of(int family, Bytes bytes) {
  if (family == AF_INET && bytes.size() == 4) return ip::address_v4(dns::load32(bytes.data()));
  if (family != AF_INET6 || bytes.size() != 16) return std::nullopt;
  ip::address_v6::bytes_type octets;
  std::ranges::copy(bytes, octets.begin());
  return ip::address_v6(octets);
}

ip::address without_zone(const ip::address& address) {
  return address.is_v4() ? address : ip::address(ip::address_v6(address.to_v6().to_bytes()));
}

}  // namespace

HostAddresses::Read HostAddresses::take(Bytes datagram) {
  while (const auto head = read<nlmsghdr>(datagram)) {
    if (head->nlmsg_len < sizeof(nlmsghdr) || head->nlmsg_len > datagram.size()) return Read::kMore;
    const Bytes message = datagram.subspan(sizeof(nlmsghdr), head->nlmsg_len - sizeof(nlmsghdr));
    switch (head->nlmsg_type) {
      case NLMSG_DONE: return Read::kEndOfDump;
      case NLMSG_ERROR: return Read::kError;
      case RTM_NEWLINK: take_link(message, false); break;
      case RTM_DELLINK: take_link(message, true); break;
      case RTM_NEWADDR: take_address(message, false); break;
      case RTM_DELADDR: take_address(message, true); break;
      default: break;
    }
    datagram = datagram.subspan(std::min(padded(head->nlmsg_len), datagram.size()));
  }
  return Read::kMore;
}

void HostAddresses::clear() {
  links_.clear();
  addresses_.clear();
}

void HostAddresses::take_link(Bytes message, bool removed) {
  const auto link = read<ifinfomsg>(message);
  // A bridge port also reports itself in that family, with less information.
  if (!link || link->ifi_family == AF_BRIDGE) return;
  if (removed) {
    links_.erase(link->ifi_index);
    for (auto& address : addresses_) address.second.erase(link->ifi_index);
    return;
  }
  constexpr unsigned kRunning = unsigned{IFF_UP} | unsigned{IFF_LOWER_UP};
  Link state{(link->ifi_flags & kRunning) == kRunning, false};
  each_attribute(message.subspan(sizeof(ifinfomsg)), [&](int type, Bytes value) {
    if (type == IFLA_PROTO_DOWN && !value.empty()) state.protodown = value[0] != 0;
  });
  links_[link->ifi_index] = state;
}

void HostAddresses::take_address(Bytes message, bool removed) {
  const auto head = read<ifaddrmsg>(message);
  if (!head) return;
  // On a point-to-point interface IFA_LOCAL is the host's own address and IFA_ADDRESS is the peer's. IPv6 without a
  // peer has only IFA_ADDRESS.
  std::optional<ip::address> address, local;
  each_attribute(message.subspan(sizeof(ifaddrmsg)), [&](int type, Bytes value) {
    if (type == IFA_ADDRESS) address = address_of(head->ifa_family, value);
    if (type == IFA_LOCAL) local = address_of(head->ifa_family, value);
  });
  const auto& own = local ? local : address;
  if (!own) return;
  const int interface = static_cast<int>(head->ifa_index);
  if (!removed) {
    addresses_[*own].insert(interface);
  } else if (const auto found = addresses_.find(*own); found != addresses_.end()) {
    found->second.erase(interface);
    if (found->second.empty()) addresses_.erase(found);
  }
}

bool HostAddresses::is_usable(int interface) const {
  const auto link = links_.find(interface);
  return link != links_.end() && link->second.running && !link->second.protodown;
}

VipState HostAddresses::state_of(const std::vector<ip::address>& vips) const {
  if (vips.empty()) return VipState::kUnknown;
  bool live = true;
  for (const ip::address& vip : vips) {
    const auto found = addresses_.find(without_zone(vip));
    if (found == addresses_.end() || found->second.empty()) return VipState::kAbsent;
    live = live && std::ranges::any_of(found->second, [this](int interface) { return is_usable(interface); });
  }
  return live ? VipState::kLive : VipState::kNotLive;
}

NetlinkSource::NetlinkSource(boost::asio::io_context& context, Changed changed)
    : socket_(context), retry_(context), changed_(std::move(changed)) {}

dns::Result<void, std::string> NetlinkSource::open() {
  const auto failed = [](const char* what) {
    return dns::Failure<std::string>(std::string("netlink: ") + what + ": " + std::strerror(errno));
  };
  const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (socket < 0) return failed("socket");
  socket_.assign(socket);
  sockaddr_nl self{};
  self.nl_family = AF_NETLINK;
  self.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (::bind(socket, static_cast<sockaddr*>(static_cast<void*>(&self)), sizeof self) != 0) {
    const auto failure = failed("bind");
    socket_.close();
    return failure;
  }
  return {};
}

void NetlinkSource::start() {
  if (!socket_.is_open()) return;
  dump_ = Dump::kLinks;
  request_dump();
  wait();
}

void NetlinkSource::request_dump() {
  if (dump_ == Dump::kLinks) addresses_.clear();
  struct {
    nlmsghdr head;
    ifinfomsg body;  // the kernel reads only the family, which is the first field of every body
  } request{};
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = dump_ == Dump::kLinks ? RTM_GETLINK : RTM_GETADDR;
  request.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  if (::send(socket_.native_handle(), &request, sizeof request, 0) < 0) try_later();
}

void NetlinkSource::try_later() {
  retry_.expires_after(kNetlinkRetryDelay);
  retry_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (error || alive.expired()) return;
    dump_ = Dump::kLinks;
    request_dump();
  });
}

void NetlinkSource::wait() {
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
                       if (error || alive.expired()) return;
                       drain();
                       wait();
                     });
}

void NetlinkSource::drain() {
  static thread_local std::array<std::uint8_t, kDatagramMax> buffer;
  bool news = false;
  for (int i = 0; i < kDatagramsPerWake; ++i) {
    const ssize_t size = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == ENOBUFS) {  // changes were lost
      dump_ = Dump::kLinks;
      request_dump();
      continue;
    }
    if (size <= 0) break;
    const auto read = addresses_.take({buffer.data(), static_cast<std::size_t>(size)});
    news = true;
    if (read == HostAddresses::Read::kError) {
      try_later();
    } else if (read == HostAddresses::Read::kEndOfDump && dump_ != Dump::kDone) {
      dump_ = dump_ == Dump::kLinks ? Dump::kAddresses : Dump::kDone;
      if (dump_ == Dump::kAddresses) request_dump();
    }
  }
  if (news && dump_ == Dump::kDone) changed_(addresses_);
}

}  // namespace server
