#include "server/listen/socket.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace server {
namespace {

constexpr int kBacklog = 4096;        // the kernel lowers it to somaxconn
constexpr int kSendBuffer = 1 << 20;  // octets, UDP
constexpr int kTcpBuffer = 64 << 10;  // octets in each direction that the kernel buffers for a TCP client

using Opened = dns::Result<FileDescriptor, SocketError>;

enum class Sharing : std::uint8_t { kAlone, kReusePort };

bool set(int socket, int level, int option, int value) {
  return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

struct SocketSpec {
  ListenAddress endpoint;
  const Transport* transport;
  Sharing sharing;
  AbsentAddress absent;

  SocketError error(std::string_view call) const { return {endpoint, transport, call, errno}; }
};

// A forged "fragmentation needed" must not make us send fragments, which an attacker can replace (RFC 9715).
bool ignore_path_mtu(int socket, bool ipv6) {
  return ipv6 ? set(socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT)
              : set(socket, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
}

// The answer must leave from the address that was asked, so a wildcard socket needs that address.
bool enable_packet_info(int socket, bool ipv6) {
  return ipv6 ? set(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : set(socket, IPPROTO_IP, IP_PKTINFO, 1);
}

// Allows an address that the machine does not have.
bool enable_freebind(int socket, bool ipv6) {
  return ipv6 ? set(socket, IPPROTO_IPV6, IPV6_FREEBIND, 1) : set(socket, IPPROTO_IP, IP_FREEBIND, 1);
}

bool configure_udp(int socket, const SocketSpec& spec, int receive_buffer) {
  const bool ipv6 = spec.endpoint.address_size == 16;
  // More than net.core.rmem_max takes CAP_NET_ADMIN; without it the kernel gives what it allows.
  if (!set(socket, SOL_SOCKET, SO_RCVBUFFORCE, receive_buffer)) set(socket, SOL_SOCKET, SO_RCVBUF, receive_buffer);
  set(socket, SOL_SOCKET, SO_SNDBUF, kSendBuffer);
  return ignore_path_mtu(socket, ipv6) && (!is_wildcard(spec.endpoint) || enable_packet_info(socket, ipv6));
}

// Accepted sockets inherit this. Small fixed buffers limit the kernel memory of a client that never reads.
bool configure_tcp(int socket) {
  return set(socket, SOL_SOCKET, SO_REUSEADDR, 1) && set(socket, IPPROTO_TCP, TCP_NODELAY, 1) &&
         set(socket, SOL_SOCKET, SO_RCVBUF, kTcpBuffer) && set(socket, SOL_SOCKET, SO_SNDBUF, kTcpBuffer);
}

Opened open_socket(const SocketSpec& spec, int receive_buffer) {
  const bool ipv6 = spec.endpoint.address_size == 16, stream = spec.transport->stream;
  FileDescriptor socket(::socket(ipv6 ? AF_INET6 : AF_INET, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return dns::Failure<SocketError>(spec.error("socket"));
  const bool configured = (!ipv6 || set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1)) &&
                          (spec.absent == AbsentAddress::kFail || enable_freebind(socket.get(), ipv6)) &&
                          (spec.sharing == Sharing::kAlone || set(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1)) &&
                          (stream ? configure_tcp(socket.get()) : configure_udp(socket.get(), spec, receive_buffer));
  if (!configured) return dns::Failure<SocketError>(spec.error("setsockopt"));
  sockaddr_storage address;
  const socklen_t size = to_sockaddr(spec.endpoint, address);
  if (size == 0) return dns::Failure<SocketError>(SocketError{spec.endpoint, spec.transport, "if_nametoindex", ENODEV});
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0)
    return dns::Failure<SocketError>(spec.error("bind"));
  if (stream && spec.sharing == Sharing::kReusePort && ::listen(socket.get(), kBacklog) != 0)
    return dns::Failure<SocketError>(spec.error("listen"));
  return socket;
}

// 0: there is none.
unsigned interface_index(const std::string& interface) {
  if (interface.empty()) return 0;
  if (const unsigned index = ::if_nametoindex(interface.c_str()); index != 0) return index;
  unsigned number = 0;
  const char* const end = interface.data() + interface.size();
  if (std::from_chars(interface.data(), end, number).ptr != end) return 0;
  std::array<char, IF_NAMESIZE> name;
  return ::if_indextoname(number, name.data()) == nullptr ? 0 : number;
}

// A classic BPF program of three instructions: selects the socket by the number of the receiving CPU, modulo their
// count.
bool spread_by_cpu(int socket, std::size_t sockets) {
  std::array<sock_filter, 3> code{
      {{BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_CPU)},
       {BPF_ALU | BPF_MOD | BPF_K, 0, 0, static_cast<std::uint32_t>(sockets)},
       {BPF_RET | BPF_A, 0, 0, 0}}};
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  return ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) == 0;
}

}  // namespace

dns::Result<std::uint16_t, SocketError> probe_port(const ListenAddress& endpoint, const Transport& transport,
                                                   AbsentAddress absent) {
  const Opened socket = open_socket({endpoint, &transport, Sharing::kAlone, absent}, 0);
  if (!socket) return dns::Failure<SocketError>(socket.error());
  sockaddr_storage address;
  socklen_t size = sizeof address;
  ::getsockname(socket->get(), reinterpret_cast<sockaddr*>(&address), &size);
  return to_endpoint(&address).port;
}

dns::Result<std::vector<FileDescriptor>, SocketError> bind_sockets(const ListenAddress& endpoint,
                                                                   const Transport& transport, std::size_t count,
                                                                   const ListenOptions& options) {
  const SocketSpec spec{endpoint, &transport, Sharing::kReusePort, options.absent};
  std::vector<FileDescriptor> sockets;
  for (std::size_t i = 0; i < count; ++i) {
    Opened socket = open_socket(spec, static_cast<int>(options.receive_buffer));
    if (!socket) return dns::Failure<SocketError>(socket.error());
    sockets.push_back(std::move(*socket));
  }
  if (!transport.stream && options.spread == SocketSelection::kCpu && !spread_by_cpu(sockets.front().get(), count))
    return dns::Failure<SocketError>(spec.error("setsockopt(SO_ATTACH_REUSEPORT_CBPF)"));
  return sockets;
}

socklen_t to_sockaddr(const ListenAddress& endpoint, sockaddr_storage& out) {
  std::memset(&out, 0, sizeof out);
  if (endpoint.address_size == 16) {
    auto& address = reinterpret_cast<sockaddr_in6&>(out);
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(endpoint.port);
    std::memcpy(&address.sin6_addr, endpoint.address.data(), 16);
    address.sin6_scope_id = interface_index(endpoint.interface);
    return address.sin6_scope_id == 0 && !endpoint.interface.empty() ? 0 : sizeof address;
  }
  auto& address = reinterpret_cast<sockaddr_in&>(out);
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  std::memcpy(&address.sin_addr, endpoint.address.data(), 4);
  return sizeof address;
}

Endpoint to_endpoint(const void* address) {
  ListenAddress endpoint;
  if (static_cast<const sockaddr*>(address)->sa_family == AF_INET6) {
    const auto& ipv6 = *static_cast<const sockaddr_in6*>(address);
    std::memcpy(endpoint.address.data(), &ipv6.sin6_addr, 16);
    endpoint.address_size = 16;
    endpoint.port = ntohs(ipv6.sin6_port);
  } else {
    const auto& ipv4 = *static_cast<const sockaddr_in*>(address);
    std::memcpy(endpoint.address.data(), &ipv4.sin_addr, 4);
    endpoint.address_size = 4;
    endpoint.port = ntohs(ipv4.sin_port);
  }
  return endpoint;
}

}  // namespace server
