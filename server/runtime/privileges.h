// Giving up rights once the sockets are bound: another user where one is configured, no capability in any case.
//
// Called once, before any thread starts: capabilities belong to threads, and a thread started earlier would keep them.
// Irrevocable: the bounding set is emptied and no_new_privs is set, so that nothing executed later regains a right.
#pragma once

#include <string>

#include "zone/base/result.h"

namespace server {

struct PrivilegeOptions {
  std::string user;    // name or number; empty: stay who we are
  std::string group;   // name or number; empty: the user's
};

// The error is words for a person: "there is no user 'waymrk'".
dns::Result<void, std::string> drop_privileges(const PrivilegeOptions& options);

}  // namespace server
