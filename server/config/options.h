// Everything that the operator decides, one member a room. Filled by the command line, by a file (config.h), or by
// both.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/listen/options.h"
#include "server/observe/log.h"
#include "server/query/responder.h"
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
  std::string state;    // directory of serials, journals and last states; set where anything is steered
  std::string control;  // the socket that people's commands come through; empty: <state>/control.sock, or none
  SteeringOptions steering;
};

// What of `read` is not as in `running` and takes effect at a restart only, in the file's words: "[server] listen",
// "[tcp]".
std::vector<std::string_view> needs_restart(const Options& running, const Options& read);

}  // namespace server
