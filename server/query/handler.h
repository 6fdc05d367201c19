// The handlers of the opcodes, and the table that names them.
//
//     opcode   operation for access rules   handler
//     QUERY    query                        answers from the zones (query_handler.h)
//     QUERY    transfer                     AXFR and IXFR (transfer_handler.h)
//     others   as the row says              none: NOTIMP
//
// Before a handler is called, the filters have let the request pass (filter.h). The composition root fills the table,
// and each worker makes its own handlers from it. So a handler needs no locks for its scratch space; what it shares
// with others it gets from the closure that makes it. A handler runs on the query path: it does not allocate, lock, log
// or throw.
#pragma once

#include <functional>
#include <memory>

#include "server/observe/counters.h"
#include "server/query/options.h"
#include "server/query/request.h"

namespace server {

class OpcodeHandler {
 public:
  virtual ~OpcodeHandler() = default;
  // Of QUERY: what the fast path did not answer. Of others: all requests whose first section names one zone (RFC 1996
  // 3.7, RFC 2136 2.3).
  virtual RequestOutcome answer(const RequestView& request) = 0;
  // The server ends: the requests that this handler has taken must be answered now. It does not wait for that.
  virtual void drain() {}
};

struct OpcodeRow {
  dns::Opcode opcode;
  dns::Operation operation;  // QUERY has two rows: one for transfers, one for all other questions
  std::function<std::unique_ptr<OpcodeHandler>(const ResponderOptions& options, Counters& counters)> make;
};

}  // namespace server
