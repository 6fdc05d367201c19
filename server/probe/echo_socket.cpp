#include "server/probe/echo_socket.h"

#include <linux/icmp.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <bit>
#include <cstring>

#include "server/probe/socket.h"
#include "server/runtime/control_messages.h"

namespace server {
namespace {

using boost::system::error_code;
namespace ip = boost::asio::ip;

constexpr int kReceiveBuffer = 1 << 20;
constexpr int kReadsAtOnce = 256;  // then other handlers run

error_code socket_error() { return {errno, boost::system::system_category()}; }

void set_option(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

// A raw socket receives every ICMP message of the host: makes the kernel pass only echo replies.
void only_replies(int socket, EchoFamily family) {
  if (family == EchoFamily::kIpv4) {
    const icmp_filter filter{~(1U << ICMP_ECHOREPLY)};
    ::setsockopt(socket, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
  } else {
    icmp6_filter filter;
    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
    ::setsockopt(socket, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
  }
}

std::size_t to_system(const ip::address& address, sockaddr_storage& out) {
  out = {};
  if (address.is_v4()) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = ::htonl(address.to_v4().to_uint());
    std::memcpy(&out, &to, sizeof to);
    return sizeof to;
  }
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  const auto octets = address.to_v6().to_bytes();
  std::memcpy(&to.sin6_addr, octets.data(), octets.size());
  to.sin6_scope_id = static_cast<std::uint32_t>(address.to_v6().scope_id());
  std::memcpy(&out, &to, sizeof to);
  return sizeof to;
}

ip::address from_system(const sockaddr_storage& from) {
  if (from.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &from, sizeof v4);
    return ip::address_v4(::ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &from, sizeof v6);
  ip::address_v6::bytes_type octets{};
  std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
  return ip::address_v6(octets);
}

void add_path(ControlMessages& control, const CheckOptions& check, unsigned device) {
  const bool sourced = !check.source.is_unspecified();
  if (check.target.is_v4()) {
    in_pktinfo info{};
    info.ipi_ifindex = static_cast<int>(device);
    if (sourced) info.ipi_spec_dst.s_addr = ::htonl(check.source.to_v4().to_uint());
    if (sourced || device != 0) control.add(IPPROTO_IP, IP_PKTINFO, info);
    if (check.monitor.dscp != 0) control.add(IPPROTO_IP, IP_TOS, traffic_class(check.monitor.dscp));
    return;
  }
  in6_pktinfo info{};
  info.ipi6_ifindex = device;
  if (sourced) {
    const auto octets = check.source.to_v6().to_bytes();
    std::memcpy(&info.ipi6_addr, octets.data(), octets.size());
  }
  if (sourced || device != 0) control.add(IPPROTO_IPV6, IPV6_PKTINFO, info);
  if (check.monitor.dscp != 0) control.add(IPPROTO_IPV6, IPV6_TCLASS, traffic_class(check.monitor.dscp));
}

// The index of the device that received the packet; 0 if the kernel did not say.
unsigned device_of(msghdr& message) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(header), sizeof info);
      return static_cast<unsigned>(info.ipi_ifindex);
    }
    if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(header), sizeof info);
      return info.ipi6_ifindex;
    }
  }
  return 0;
}

}  // namespace

EchoSocket::EchoSocket(boost::asio::io_context& context, EchoFamily family) : descriptor_(context), family_(family) {
  std::random_device seed;
  random_.seed(std::uint64_t{seed()} << 32 | seed());
  identifier_ = static_cast<std::uint16_t>(random_());
}

error_code EchoSocket::open() {
  if (is_open()) return {};
  const bool v4 = family_ == EchoFamily::kIpv4;
  const int domain = v4 ? AF_INET : AF_INET6,
            protocol = v4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6);
  int socket = ::socket(domain, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (socket < 0) {
    socket = ::socket(domain, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    if (socket < 0) return socket_error();
    only_replies(socket, family_);
    if (v4) framing_ = EchoFraming::kWithIpHeader;
  }
  set_option(socket, v4 ? static_cast<int>(IPPROTO_IP) : static_cast<int>(IPPROTO_IPV6),
             v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1);
  set_option(socket, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  error_code error;
  descriptor_.assign(socket, error);
  return error;
}

EchoSocket::Token EchoSocket::send(const CheckOptions& check, OnReply on_reply, error_code& error) {
  const unsigned device = check.device.empty() ? 0 : ::if_nametoindex(check.device.c_str());
  if (!check.device.empty() && device == 0) {
    error = socket_error();
    return 0;
  }
  Token token = 0;
  while (token == 0 || waiting_.contains(token)) token = random_();
  auto packet =
      encode(EchoRequest{.family = family_, .identifier = identifier_, .sequence = sequence_++, .token = token});
  sockaddr_storage to;
  ControlMessages control;
  add_path(control, check, device);
  iovec piece{packet.data(), packet.size()};
  msghdr message{};
  message.msg_namelen = static_cast<socklen_t>(to_system(check.target, to));
  message.msg_name = &to;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.size() == 0 ? nullptr : control.data();
  message.msg_controllen = control.size();
  if (::sendmsg(descriptor_.native_handle(), &message, MSG_NOSIGNAL) < 0) {
    error = socket_error();
    return 0;
  }
  waiting_.emplace(token, Waiting{check.target, device, std::move(on_reply)});
  if (!listening_) listen();
  return token;
}

// Listens only while a probe waits, so that an io_context without work ends.
void EchoSocket::listen() {
  descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const error_code& error) {
    if (error) return;
    listening_ = false;
    read_all();
    if (!waiting_.empty() && !listening_) listen();
  });
  listening_ = true;  // behind what may throw
}

void EchoSocket::read_all() {
  for (int i = 0; i < kReadsAtOnce && read_one(); ++i) {
  }
}

bool EchoSocket::read_one() {
  std::array<std::uint8_t, 2048> packet;
  alignas(cmsghdr) std::array<std::uint8_t, kControlSize> control;
  sockaddr_storage from{};
  iovec piece{packet.data(), packet.size()};
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t size = ::recvmsg(descriptor_.native_handle(), &message, MSG_DONTWAIT);
  if (size < 0) return false;
  const auto token = parse_echo_reply(dns::Bytes(packet).first(static_cast<std::size_t>(size)), family_, framing_);
  const auto found = token ? waiting_.find(*token) : waiting_.end();
  if (found == waiting_.end()) return true;
  const bool same_device = found->second.device == 0 || found->second.device == device_of(message);
  ip::address target = found->second.target;
  // Without its scope, which replies do not include.
  if (target.is_v6()) target = ip::address_v6(target.to_v6().to_bytes());
  if (from_system(from) != target || !same_device) return true;
  const OnReply on_reply = std::move(found->second.on_reply);
  waiting_.erase(found);
  on_reply();
  return true;
}

}  // namespace server
