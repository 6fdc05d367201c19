// Where a load goes, resolved once, and the sockets towards it.
#pragma once

#include <netdb.h>

#include <memory>
#include <string>

#include "server/runtime/descriptor.h"
#include "tools/query/client.h"

namespace tools {

struct LoadTarget {
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found;  // the first is taken

  const addrinfo& address() const { return *found; }
};

// The error is words for a person.
dns::Result<LoadTarget, std::string> resolve_target(const ServerAddress& server, Protocol protocol);

// A connected UDP socket that does not block, stamps what it receives with the kernel's time, and has room for a burst;
// a TCP socket whose connection is under way. An invalid descriptor where the kernel refuses.
server::FileDescriptor open_udp(const LoadTarget& target);
server::FileDescriptor open_tcp(const LoadTarget& target);

}  // namespace tools
