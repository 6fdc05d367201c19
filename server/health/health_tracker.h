// From results to a health: the state machine of one check. Pure, in whatever time it is given.
//
//                 first result that says something
//     UNKNOWN ----------------------------------------> UP or DOWN
//        ^                                                |    ^
//        |   `unknown_after` results in a row             |    |  UP:   `fall` failures in a row   -> DOWN
//        +------------------------------------------------+----+  DOWN: `rise` successes in a row  -> UP
//           that say nothing
//
// One result decides the first health, so that the first answer need not wait for `fall` intervals; from then on, and
// from a restored health on, `fall` and `rise` hold. A result that says nothing does not break a row of failures or
// successes.
#pragma once

#include "server/health/window.h"
#include "server/probe/options.h"

namespace server {

struct HealthTrackerOptions {
  unsigned fall = 3, rise = 3;
  unsigned unknown_after = 3;
  Duration interval = std::chrono::seconds{5};
  Duration window = std::chrono::seconds{30};
};

// A file's age is its own proof that nobody speaks any more: one such result is enough. Else it takes as many as
// `fall`.
HealthTrackerOptions tracker_options(const MonitorOptions& monitor);

// When the check can have further results.
struct Schedule {
  Instant next;            // of the next probe's start, which is the earliest end of it
  unsigned in_flight = 0;  // probes that have begun and not ended
};

class HealthTracker {
 public:
  HealthTracker(const HealthTrackerOptions& options, Instant now);

  // A health of before the restart. Without effect where results have decided already.
  void restore(Health health, Instant since);

  // True where the health changed.
  bool add_result(Instant now, const ProbeResult& result);

  // Says what is to come; moves `may_change`.
  void set_schedule(Instant now, const Schedule& schedule);

  const CheckState& state() const { return state_; }

 private:
  Health next_health(Outcome outcome);
  unsigned results_until_change() const;

  HealthTrackerOptions options_;
  Window window_;
  CheckState state_;
  unsigned failures_ = 0, successes_ = 0, unknowns_ = 0;  // in a row
};

}  // namespace server
