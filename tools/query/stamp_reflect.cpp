// waymark stamp-reflect: the session-reflector of STAMP (RFC 8762 4.3), to measure the path between two hosts.
//
// Stateless. It cannot amplify traffic or cause a loop: a reply is as large as its request, goes only to allowed
// clients, and a reply is never answered. The source address of a reply is the destination address of the request; the
// DSCP is that of the request. `--delay`, `--jitter` and `--loss` impair the path, for tests. A delayed packet counts
// as received at the end of the delay.
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <queue>
#include <random>

#include <fmt/format.h>

#include "server/listen/socket.h"
#include "server/probe/stamp.h"
#include "server/runtime/control_messages.h"
#include "server/runtime/descriptor.h"
#include "server/runtime/privileges.h"
#include "tools/cli/command.h"
#include "tools/cli/terminal.h"
#include "zone/snapshot/views.h"

namespace tools {
namespace {

using Clock = std::chrono::steady_clock;

struct ReflectOptions {
  std::vector<std::string> listen, allow;
  std::string user;
  double delay_ms = 0, jitter_ms = 0, loss_percent = 0;
};

constexpr std::size_t kMaxHeld = 65536;  // delayed packets; further packets are dropped
constexpr int kReadsAtOnce = 64;

// A packet with its source address, local address, TTL and traffic class.
struct Received {
  std::vector<std::uint8_t> bytes;
  sockaddr_storage from{};
  socklen_t from_size = 0;
  std::optional<in_pktinfo> local4;
  std::optional<in6_pktinfo> local6;
  int ttl = 0, traffic_class = 0;
  int socket = -1;
};

template <class T>
std::optional<T> content(const cmsghdr* header, int level, int type) {
  if (header->cmsg_level != level || header->cmsg_type != type) return std::nullopt;
  T value{};
  std::memcpy(&value, CMSG_DATA(header), std::min(sizeof value, header->cmsg_len - CMSG_LEN(0)));
  return value;
}

void read_control(msghdr& message, Received& received) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (const auto info = content<in_pktinfo>(header, IPPROTO_IP, IP_PKTINFO)) received.local4 = info;
    if (const auto info = content<in6_pktinfo>(header, IPPROTO_IPV6, IPV6_PKTINFO)) received.local6 = info;
    if (const auto ttl = content<int>(header, IPPROTO_IP, IP_TTL)) received.ttl = *ttl;
    if (const auto limit = content<int>(header, IPPROTO_IPV6, IPV6_HOPLIMIT)) received.ttl = *limit;
    if (const auto octet = content<std::uint8_t>(header, IPPROTO_IP, IP_TOS)) received.traffic_class = *octet;
    if (const auto octet = content<int>(header, IPPROTO_IPV6, IPV6_TCLASS)) received.traffic_class = *octet;
  }
}

std::optional<Received> receive(int socket) {
  Received received;
  received.bytes.resize(server::kMaxStampSize + 1);
  received.socket = socket;
  alignas(cmsghdr) std::array<std::uint8_t, server::kControlSize> control;
  iovec piece{received.bytes.data(), received.bytes.size()};
  msghdr message{};
  message.msg_name = &received.from;
  message.msg_namelen = sizeof received.from;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t size = ::recvmsg(socket, &message, MSG_DONTWAIT);
  if (size < 0) return std::nullopt;
  received.bytes.resize(static_cast<std::size_t>(size));
  received.from_size = message.msg_namelen;
  read_control(message, received);
  return received;
}

void answer(const Received& request) {
  const server::NtpTime now = server::ntp_time(std::chrono::system_clock::now());
  auto reply = server::reflect(request.bytes,
                               {.received = now, .sent = now, .sender_ttl = static_cast<std::uint8_t>(request.ttl)});
  if (reply.empty()) return;
  server::ControlMessages control;
  if (request.local4) {
    control.add(IPPROTO_IP, IP_PKTINFO,
                in_pktinfo{.ipi_ifindex = 0, .ipi_spec_dst = request.local4->ipi_spec_dst, .ipi_addr = {}});
    control.add(IPPROTO_IP, IP_TOS, request.traffic_class);
  }
  if (request.local6) {
    in6_pktinfo local = *request.local6;
    if (!IN6_IS_ADDR_LINKLOCAL(&local.ipi6_addr)) local.ipi6_ifindex = 0;
    control.add(IPPROTO_IPV6, IPV6_PKTINFO, local);
    control.add(IPPROTO_IPV6, IPV6_TCLASS, request.traffic_class);
  }
  sockaddr_storage to = request.from;
  iovec piece{reply.data(), reply.size()};
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = request.from_size;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ::sendmsg(request.socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);  // a reply that cannot be sent is lost
}

dns::Result<server::FileDescriptor, std::string> bound_to(const server::ListenAddress& endpoint) {
  const bool v4 = endpoint.address_size == 4;
  server::FileDescriptor socket(::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto set = [&](int level, int option) {
    const int on = 1;
    ::setsockopt(socket.get(), level, option, &on, sizeof on);
  };
  if (v4) {
    for (const int option : {IP_PKTINFO, IP_RECVTTL, IP_RECVTOS}) set(IPPROTO_IP, option);
  } else {
    set(IPPROTO_IPV6, IPV6_V6ONLY);
    for (const int option : {IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS}) set(IPPROTO_IPV6, option);
  }
  sockaddr_storage at;
  const socklen_t size = server::to_sockaddr(endpoint, at);
  if (size == 0)
    return dns::Failure(fmt::format("cannot listen on {}: this machine has no interface {}", server::to_text(endpoint),
                                    endpoint.interface));
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&at), size) != 0)
    return dns::Failure(fmt::format("cannot listen on {}: {}", server::to_text(endpoint), std::strerror(errno)));
  return socket;
}

class Reflector {
 public:
  Reflector(const ReflectOptions& options, std::vector<dns::Prefix> allowed)
      : options_(options), allowed_(std::move(allowed)) {}

  [[noreturn]] void run(const std::vector<server::FileDescriptor>& sockets) {
    std::vector<pollfd> polled;
    for (const server::FileDescriptor& socket : sockets) polled.push_back({socket.get(), POLLIN, 0});
    while (true) {
      const timespec patience = until_next();
      ::ppoll(polled.data(), polled.size(), held_.empty() ? nullptr : &patience, nullptr);
      for (const pollfd& entry : polled)
        if (entry.revents != 0) read_from(entry.fd);
      while (!held_.empty() && held_.top().due <= Clock::now()) {
        answer(held_.top().packet);
        held_.pop();
      }
    }
  }

 private:
  struct Held {
    Clock::time_point due;
    Received packet;
    bool operator<(const Held& other) const { return due > other.due; }  // the earliest on top
  };

  timespec until_next() const {
    if (held_.empty()) return {};
    const auto left = std::max(Clock::duration::zero(), held_.top().due - Clock::now());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    return {.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
  }

  bool is_allowed(const Received& received) const {
    if (allowed_.empty()) return true;
    std::array<std::uint8_t, 16> octets{};
    std::size_t size = 4;
    if (received.from.ss_family == AF_INET) {
      std::memcpy(octets.data(),
                  reinterpret_cast<const std::uint8_t*>(&received.from) + offsetof(sockaddr_in, sin_addr), size);
    } else {
      size = 16;
      std::memcpy(octets.data(),
                  reinterpret_cast<const std::uint8_t*>(&received.from) + offsetof(sockaddr_in6, sin6_addr), size);
    }
    const dns::Bytes address = dns::Bytes(octets).first(size);
    return std::ranges::any_of(allowed_,
                               [address](const dns::Prefix& prefix) { return dns::contains(prefix, address); });
  }

  void read_from(int socket) {
    for (int i = 0; i < kReadsAtOnce; ++i) {
      auto received = receive(socket);
      if (!received) return;
      if (!is_allowed(*received) || uniform(100) < options_.loss_percent) continue;
      const double milliseconds = options_.delay_ms + uniform(options_.jitter_ms);
      if (milliseconds == 0) {
        answer(*received);
      } else if (held_.size() < kMaxHeld) {
        held_.push({Clock::now() + std::chrono::microseconds(static_cast<std::int64_t>(milliseconds * 1000)),
                    std::move(*received)});
      }
    }
  }

  // A random number from 0 up to, but not including, `end`; 0 if `end` is 0.
  double uniform(double end) { return end == 0 ? 0 : std::uniform_real_distribution<double>(0, end)(random_); }

  const ReflectOptions& options_;
  std::vector<dns::Prefix> allowed_;
  std::priority_queue<Held> held_;
  std::mt19937_64 random_{std::random_device{}()};
};

Exit refuse(const std::string& words, Exit exit) {
  print_error(fmt::format("stamp-reflect: {}", words));
  return exit;
}

Exit reflect_packets(const ReflectOptions& options) {
  std::vector<dns::Prefix> allowed;
  for (const std::string& text : options.allow) {
    const auto prefix = dns::parse_prefix(text);
    if (!prefix) return refuse(fmt::format("`{}` is not an address or a prefix", text), Exit::kUsage);
    allowed.push_back(*prefix);
  }
  server::raise_capabilities();
  std::vector<server::FileDescriptor> sockets;
  for (const std::string& text : options.listen) {
    const auto endpoints = server::parse_endpoints(text, server::kStampPort);
    if (!endpoints) return refuse(fmt::format("`{}`: {}", text, server::describe(endpoints.error())), Exit::kUsage);
    for (const server::ListenAddress& endpoint : *endpoints) {
      auto socket = bound_to(endpoint);
      if (!socket) return refuse(socket.error(), Exit::kProblems);
      sockets.push_back(std::move(*socket));
      fmt::print("reflecting on {}\n", server::to_text(endpoint));
    }
  }
  std::fflush(stdout);
  if (const auto dropped = server::drop_privileges({.user = options.user, .group = {}}); !dropped)
    return refuse("cannot give up privileges: " + dropped.error(), Exit::kProblems);
  Reflector(options, std::move(allowed)).run(sockets);
}

}  // namespace

Action define_stamp_reflect(CommandLine& line) {
  auto options = std::make_shared<ReflectOptions>();  // shared: the action owns it, the parser fills it
  options->listen = {"*"};
  line.option("--listen", options->listen, "ADDR[:PORT]", "Address to listen on; the port is 862 if none is given")
      .fallback("every address");
  line.option("--allow", options->allow, "PREFIX", "Answer only clients with this address or prefix")
      .fallback("every client");
  line.option("--user", options->user, "USER", "Switch to this user once the sockets are open");
  line.group("Impairments, for tests");
  line.option("--delay", options->delay_ms, "MS", "Delay each packet by this many milliseconds").range(0, 10000);
  line.option("--jitter", options->jitter_ms, "MS", "Delay each packet by up to this many more milliseconds, at random")
      .range(0, 10000);
  line.option("--loss", options->loss_percent, "PERCENT", "Drop this share of packets, at random").range(0, 100);
  return [options] { return reflect_packets(*options); };
}

}  // namespace tools
