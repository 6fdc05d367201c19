// Everything that the operator decides, one member a room. Filled by the command line, by a file (config.h), or by both.
#pragma once

#include "server/listen/options.h"
#include "server/observe/log.h"
#include "server/query/responder.h"
#include "server/runtime/privileges.h"
#include "server/store/options.h"

namespace server {

struct Options {
  ListenOptions listen;
  StoreOptions store;
  ResponderOptions responder;
  LogOptions log;
  PrivilegeOptions privileges;
};

}  // namespace server
