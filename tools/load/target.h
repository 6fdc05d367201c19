// The address of the server under load, resolved once, and the sockets to it.
#pragma once

#include <netdb.h>

#include <memory>
#include <string>

#include "server/runtime/descriptor.h"
#include "tools/query/client.h"

namespace tools {

struct LoadTarget {
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found;  // the first address is used

  const addrinfo& address() const { return *found; }
};

// The error is a message for the user.
dns::Result<LoadTarget, std::string> resolve_target(const ServerAddress& server, Protocol protocol);

// open_udp: a connected non-blocking UDP socket with kernel receive timestamps and a large receive buffer. open_tcp: a
// non-blocking TCP socket whose connection is in progress. Both return an invalid descriptor if the kernel refuses.
server::FileDescriptor open_udp(const LoadTarget& target);
server::FileDescriptor open_tcp(const LoadTarget& target);

}  // namespace tools
