// Computes a health from results: the state machine of one check. Pure; the caller passes the time.
//
//                 first success or failure
//     UNKNOWN ----------------------------------------> UP or DOWN
//        ^                                                |    ^
//        |   `unknown_after` unknown results in a row     |    |  UP:   `fall` failures in a row   -> DOWN
//        +------------------------------------------------+----+  DOWN: `rise` successes in a row  -> UP
//
// One result decides the first health, so the first decision does not wait for `fall` intervals. After that, and after
// a restored health, `fall` and `rise` apply. An unknown result does not interrupt a row of failures or successes.
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

// For a file check one unknown result is enough, because the file's age proves that it is no longer written. Otherwise
// `unknown_after` is `fall`.
HealthTrackerOptions tracker_options(const MonitorOptions& monitor);

// When the check can have further results.
struct Schedule {
  Instant next;            // start of the next probe, and the earliest time it can end
  unsigned in_flight = 0;  // probes that have started and not ended
};

class HealthTracker {
 public:
  HealthTracker(const HealthTrackerOptions& options, Instant now);

  // Restores a health from before the restart. No effect after the first decisive result.
  void restore(Health health, Instant since);

  // Returns true if the health changed.
  bool add_result(Instant now, const ProbeResult& result);

  // Ends a health that is older than its results may be. Returns true if the health changed.
  bool expire(Instant now, std::string why);

  // Sets the schedule and updates `may_change`.
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
