// Identifies the client of the control socket by what the kernel reports (SO_PEERCRED, SO_PEERGROUPS), not by what the
// client says.
//
// The socket's file mode (0660) decides who can connect, and everybody who can connect may read. Overrides need root,
// the server's user, or a member of the server's group. So an operator may open the file to users who can only read.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace server {

struct Peer {
  uid_t user = 0;
  std::vector<gid_t> groups;
  std::string name;  // "root", "uid 1000"

  friend bool operator==(const Peer&, const Peer&) = default;
};

// For a connected Unix socket. If the kernel reports no peer, the result has no permissions.
Peer peer_of(int socket);

struct Identity {
  uid_t user = 0;
  gid_t group = 0;
};

bool is_admin(const Peer& peer, const Identity& server);

}  // namespace server
