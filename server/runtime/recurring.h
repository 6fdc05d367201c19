// A deadline that recurs: housekeeping of a thread that also takes requests.
//
// A timeout of the wait for requests does not serve: requests that arrive more often than the timeout would delay the
// housekeeping for ever. The caller passes the time. A value; one thread.
#pragma once

#include <algorithm>

#include "server/runtime/thread.h"

namespace server {

class Recurring {
 public:
  Recurring(Duration interval, Instant now) : interval_(interval), next_(now + interval) {}

  // How long to wait at most.
  Duration until_due(Instant now) const { return std::max(next_ - now, Duration::zero()); }
  // True once an interval, however often it is called.
  bool is_due(Instant now) {
    if (now < next_) return false;
    next_ = now + interval_;
    return true;
  }

 private:
  Duration interval_;
  Instant next_;
};

}  // namespace server
