// Drops privileges once the sockets are bound: changes to another user if one is configured, and drops all
// capabilities.
//
// `raise_capabilities` comes first: a binary may have CAP_NET_BIND_SERVICE as a permitted file capability only. If it
// were marked effective, the program could not start where the capability is not available (a container without
// capabilities).
//
// Call each once, before any thread starts: capabilities belong to threads, and existing threads would keep them. This
// cannot be undone: the bounding set is emptied and no_new_privs is set, so no program that is executed later regains a
// privilege.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "zone/base/result.h"

namespace server {

struct PrivilegeOptions {
  std::string user;   // name or number; empty: do not change
  std::string group;  // name or number; empty: the group of the user
};

struct NewIdentity {
  std::optional<uid_t> user;  // nothing: stays
  std::optional<gid_t> group;
};

// Looks the names up. The error is a text for the operator: "there is no user 'waymrk'".
dns::Result<NewIdentity, std::string> find_identity(const PrivilegeOptions& options);

// Makes the permitted capabilities effective, if there are any.
void raise_capabilities();

// The error is a text for the operator.
dns::Result<void, std::string> drop_privileges(const PrivilegeOptions& options);

}  // namespace server
