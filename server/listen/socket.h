// Sockets as the listeners want them: opened, configured and bound, with the reason where that fails.
//
// A worker of its own socket: all sockets of an address share it by SO_REUSEPORT and the kernel spreads the load. That
// option would also let a second server of the same user take half of our queries in silence, so each address is first
// bound once without it.
#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "server/listen/options.h"
#include "server/runtime/descriptor.h"

namespace server {

struct SocketError {
  Endpoint endpoint;
  Transport transport{};
  std::string_view call;  // "bind"
  int code = 0;           // errno
};

// All sockets of one address: one for each UDP worker and one for each TCP worker.
struct BoundAddress {
  Endpoint endpoint;  // as bound
  std::vector<FileDescriptor> udp, tcp;
};

dns::Result<BoundAddress, SocketError> bind_address(const Endpoint& endpoint, std::size_t udp_workers,
                                                    const ListenOptions& options);

// Between the kernel's form of addresses and ours.
socklen_t to_sockaddr(const Endpoint& endpoint, sockaddr_storage& out);
Endpoint to_endpoint(const void* address);

}  // namespace server
