#include "tools/load/target.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include <fmt/format.h>

namespace tools {
namespace {

constexpr int kBufferOctets = 4 << 20;  // receive buffer for a burst of replies

void set_option(int socket, int level, int name, int value) { ::setsockopt(socket, level, name, &value, sizeof value); }

server::FileDescriptor open_socket(const LoadTarget& target, int type) {
  return server::FileDescriptor(::socket(target.address().ai_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int connect_to(const server::FileDescriptor& socket, const LoadTarget& target) {
  return ::connect(socket.get(), target.address().ai_addr, target.address().ai_addrlen) == 0 ? 0 : errno;
}

}  // namespace

dns::Result<LoadTarget, std::string> resolve_target(const ServerAddress& server, Protocol protocol) {
  addrinfo hints{};
  hints.ai_socktype = protocol == Protocol::kUdp ? SOCK_DGRAM : SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &found);
  if (failed != 0) return dns::Failure(fmt::format("{}: {}", server.host, ::gai_strerror(failed)));
  return LoadTarget{{found, &::freeaddrinfo}};
}

server::FileDescriptor open_udp(const LoadTarget& target) {
  auto socket = open_socket(target, SOCK_DGRAM);
  if (socket.get() < 0 || connect_to(socket, target) != 0) return server::FileDescriptor();
  set_option(socket.get(), SOL_SOCKET, SO_RCVBUF, kBufferOctets);
  set_option(socket.get(), SOL_SOCKET, SO_TIMESTAMPNS, 1);
  return socket;
}

server::FileDescriptor open_tcp(const LoadTarget& target) {
  auto socket = open_socket(target, SOCK_STREAM);
  if (socket.get() < 0) return socket;
  set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  const int fault = connect_to(socket, target);
  if (fault != 0 && fault != EINPROGRESS) return server::FileDescriptor();
  return socket;
}

}  // namespace tools
