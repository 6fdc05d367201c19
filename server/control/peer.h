// Who speaks over the control socket, as the kernel says (SO_PEERCRED, SO_PEERGROUPS): nothing that they say of
// themselves.
//
// The socket's file (mode 0660) decides who can connect, and all who can may read. Overrides require root, the server's
// own user, or a member of the server's own group; so an operator may open the file to others who then only look.
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

// Of a connected Unix socket. A peer that the kernel does not tell is nobody.
Peer peer_of(int socket);

struct Identity {
  uid_t user = 0;
  gid_t group = 0;
};

bool is_admin(const Peer& peer, const Identity& server);

}  // namespace server
