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
  const Transport* transport = &Transport::kUdp;
  std::string_view call;  // "bind"
  int code = 0;           // errno
};

// Binds the address once without SO_REUSEPORT and returns the port. For port 0 the kernel chooses one.
dns::Result<std::uint16_t, SocketError> probe_port(const ListenAddress& endpoint, const Transport& transport,
                                                   AbsentAddress absent);

// The sockets of `count` workers for one address, with a port. Those of a stream listen.
dns::Result<std::vector<FileDescriptor>, SocketError> bind_sockets(const ListenAddress& endpoint,
                                                                   const Transport& transport, std::size_t count,
                                                                   const ListenOptions& options);

// Convert between the kernel's form of addresses and ours. The size is 0 if the interface of a link-local address does
// not exist.
socklen_t to_sockaddr(const ListenAddress& endpoint, sockaddr_storage& out);
Endpoint to_endpoint(const void* address);

}  // namespace server
