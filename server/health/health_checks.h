// All health checks of the server: each runs once, however many objects use it, on its own schedule.
//
//     replace(checks) --> first round: all at once, up to kMaxInFlight --> each on its own schedule
//     result --> HealthTracker --> states()[index]; on_change(index, state) if its health changed
//
// A schedule is an interval and a phase: a check of 5 s starts every 5 s with a phase derived from its text key, so
// 10,000 checks do not start together. Probes that are single packets (icmp, stamp) overlap: the next one is sent even
// if the last has no reply yet. Other probes of one check run one after another. Probes over kMaxInFlight (`programs`
// for programs) wait in the order in which they became due. Programs that hang do not hold back the others: a check has
// half of the program slots until its program has ended within its timeout, and again after it has not.
//
// `replace` keeps the state and schedule of each unchanged check and ends the others at once: their sockets are closed
// and their programs killed when it returns. It calls no callback itself.
//
// One thread: that of the io_context. Any thread may read the counters.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "server/health/saved_health.h"
#include "server/health/state.h"
#include "server/probe/options.h"
#include "server/probe/result.h"
#include "zone/base/result.h"

namespace server {

// Written on the checks' thread, read by any thread.
struct CheckCounters {
  std::array<std::array<std::atomic<std::uint64_t>, kOutcomes>, kProbeKinds> results{};  // by ProbeKind, by Outcome
  std::atomic<std::uint64_t> transitions{0};
  std::atomic<std::uint64_t> late{0};  // starts that had to wait for a slot
};

class HealthChecks {
 public:
  struct Callbacks {
    std::function<void(std::size_t index, const CheckState& state)> on_change;  // a check's health changed
    std::function<void()> first_round_done;  // called once after each `replace`, when every check has a result
  };

  HealthChecks(boost::asio::io_context& context, Callbacks callbacks);
  ~HealthChecks();  // as stop()
  HealthChecks(const HealthChecks&) = delete;
  HealthChecks& operator=(const HealthChecks&) = delete;

  // Opens the sockets that need privileges. Call it before privileges are dropped, even if no check needs them yet: a
  // reload may add one. On an error (for the log) icmp checks are UNKNOWN; all others work.
  dns::Result<void, std::string> open();

  // `checks` as in `Plan::checks`; the callbacks and `states` use their indices. `programs`: how many run at a time.
  void replace(std::vector<CheckOptions> checks, unsigned programs = kDefaultPrograms);
  void stop();
  // Ends all running probes and schedules all checks. Call it after an exception of a callback or handler, which may
  // have cost a check its timer or its slot.
  void restart();

  // Makes the health of checks that wait for a slot unknown if their last result is older than `fall` intervals, and
  // marks those that have waited longer than an interval as late. Calls no callback.
  void expire(Instant now);

  // By index. Changes only on the checks' thread; `probes` and `quality` change with each result, not only on
  // transitions.
  const std::vector<CheckState>& states() const;
  // The checks whose states may have changed since `clear_touched`; nothing: all.
  std::optional<std::vector<std::size_t>> touched() const;
  void clear_touched();
  const CheckCounters& counters() const;

  // The health of the checks as text, one line per check. A restored health holds until `fall` or `rise` results change
  // it. `restore` may be called before `replace`. Lines that are malformed or name no check are ignored.
  std::string save(Instant now, std::chrono::system_clock::time_point wall) const;
  void restore(std::string_view saved, Instant now, std::chrono::system_clock::time_point wall);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace server
