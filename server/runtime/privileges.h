// Giving up rights once the sockets are bound: another user where one is configured, no capability in any case.
//
// `raise_capabilities` comes before: a binary may carry CAP_NET_BIND_SERVICE as a permitted file capability alone,
// because one marked effective would forbid the start where the capability is not to be had (a container without
// capabilities).
//
// Each is called once, before any thread starts: capabilities belong to threads, and a thread started earlier would
// keep them. Irrevocable: the bounding set is emptied and no_new_privs is set, so that nothing executed later regains a
// right.
#pragma once

#include <string>

#include "zone/base/result.h"

namespace server {

struct PrivilegeOptions {
  std::string user;   // name or number; empty: stay who we are
  std::string group;  // name or number; empty: the user's
};

// Makes effective what is permitted; where nothing is, nothing happens.
void raise_capabilities();

// The error is words for a person: "there is no user 'waymrk'".
dns::Result<void, std::string> drop_privileges(const PrivilegeOptions& options);

}  // namespace server
