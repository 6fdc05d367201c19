#include "server/control/peer.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace server {
namespace {

constexpr uid_t kNobody = static_cast<uid_t>(-1);
constexpr std::size_t kMaxGroups = 65536;  // as the kernel's NGROUPS_MAX
constexpr gid_t kRootGroup = 0;

std::vector<gid_t> groups_of(int socket, gid_t first) {
  std::vector<gid_t> groups(64);
  for (;;) {
    auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0) {
      groups.resize(size / sizeof(gid_t));
      break;
    }
    if (errno != ERANGE || groups.size() >= kMaxGroups) {
      groups.clear();
      break;
    }
    groups.resize(groups.size() * 4);
  }
  groups.push_back(first);
  return groups;
}

// By number: resolving a name may query the network, and this thread must not wait.
std::string name_of(uid_t user) { return user == 0 ? "root" : "uid " + std::to_string(user); }

}  // namespace

Peer peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {kNobody, {}, "nobody"};
  return {credentials.uid, groups_of(socket, credentials.gid), name_of(credentials.uid)};
}

bool is_admin(const Peer& peer, const Identity& server) {
  if (peer.user == 0 || peer.user == server.user) return true;
  // Members of the group root are not root, so the server's group does not count if it is root's.
  return server.group != kRootGroup && std::ranges::find(peer.groups, server.group) != peer.groups.end();
}

}  // namespace server
