// All settings of the operator, one member per room. Filled by the command line, by a file (config.h), or by both.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/listen/options.h"
#include "server/observe/log.h"
#include "server/query/options.h"
#include "server/runtime/privileges.h"
#include "server/steering/options.h"
#include "server/zonefiles/options.h"

namespace server {

struct Options {
  ListenOptions listen;
  StoreOptions store;
  ResponderOptions responder;
  LogOptions log;
  PrivilegeOptions privileges;
  std::string state;    // directory for serials, journals and saved states; set if there are managed records
  std::string control;  // path of the control socket; empty: control/socket_path.h says where it is
  SteeringOptions steering;
  bool strict_start = false;  // do not start if a zone cannot be loaded, or contradicts the configuration
};

// The differences between `running` and `read` that take effect only at a restart, named as in the file: "[server]
// listen", "[tcp]".
std::vector<std::string_view> needs_restart(const Options& running, const Options& read);

}  // namespace server
