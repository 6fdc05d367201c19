// What the server does with requests: the tables of its opcodes and filters.
//
// The composition root passes the tables to the listeners, whose workers make their handlers and filters from them.
// Immutable; any thread.
#pragma once

#include <vector>

#include "server/keys/tsig_session.h"
#include "server/query/filter.h"
#include "server/query/handler.h"

namespace server {

struct RequestTables {
  std::vector<OpcodeRow> opcodes;  // others are answered with NOTIMP
  std::vector<FilterRow> filters;  // in order
  UnixClock clock = unix_time;     // for the times of signatures
};

// Those of this server. A new opcode or filter is a row here.
const RequestTables& standard_tables();

}  // namespace server
