// Filters: what depends on the client, the policy of the zone or earlier requests, before and after the answer.
//
//     before(request)         in the order of the table. The first result ends the request: it is refused or dropped
//     after(request, reply)   in reverse order, for each filter whose `before` was called
//
// A filter of scope kRules costs nothing for plain questions to zones without a policy: it sees only requests to zones
// with one (zone/snapshot/policy.h), and operations other than a query. A filter of scope kAll sees every request that
// was parsed, also one that gets an error. The composition root fills the table, and each worker makes its own filters
// from it; a filter's members are the worker's state. Filters run on the query path: they do not allocate, lock, log or
// throw.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "server/observe/counters.h"
#include "server/query/classify.h"
#include "server/query/options.h"
#include "server/query/request.h"

namespace server {

class Filter {
 public:
  virtual ~Filter() = default;
  // It may make `request.out` smaller, to keep room for what `after` appends.
  virtual std::optional<Disposition> before(RequestView& request) = 0;
  // The reply that is sent in place of `reply`. Whoever makes it larger has kept the room before. The messages of a
  // Stream and late replies do not come here.
  virtual RequestOutcome after(const RequestView& request, RequestOutcome reply) {
    static_cast<void>(request);
    return reply;
  }
};

struct FilterRow {
  enum class Scope : std::uint8_t { kRules, kAll } scope;
  std::function<std::unique_ptr<Filter>(const ResponderOptions& options, Counters& counters)> make;
};

}  // namespace server
