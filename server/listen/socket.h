// Opens, configures and binds the sockets of the listeners. The error says which call failed and why.
//
// Each worker has its own socket. All sockets of an address share it with SO_REUSEPORT, and the kernel distributes the
// load. With this option a second server of the same user could silently take half of the queries, so each address is
// first bound once without it.
#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "server/listen/options.h"
#include "server/runtime/descriptor.h"

namespace server {

struct SocketError {
  ListenAddress endpoint;
  Transport transport{};
  std::string_view call;  // "bind"
  int code = 0;           // errno
};

// All sockets of one address: one for each UDP worker and one for each TCP worker.
struct BoundAddress {
  ListenAddress endpoint;  // as bound
  std::vector<FileDescriptor> udp, tcp;
};

dns::Result<BoundAddress, SocketError> bind_address(const ListenAddress& endpoint, std::size_t udp_workers,
                                                    const ListenOptions& options);

// Convert between the kernel's form of addresses and ours. The size is 0 if the interface of a link-local address does
// not exist.
socklen_t to_sockaddr(const ListenAddress& endpoint, sockaddr_storage& out);
Endpoint to_endpoint(const void* address);

}  // namespace server
