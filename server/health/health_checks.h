// All checks of the server: each is made once however many use it, on its own schedule, and judged.
//
//     replace(checks) --> first round: all at once, as far as kMaxInFlight allows --> each on its own grid of interval
//     and phase result --> HealthTracker --> states()[index], and on_change(index, state) where its health changed
//
// A check of 5 s starts every 5 s at a phase that its text key gives, so that 10,000 checks do not fire together.
// Probes that are single packets (icmp, stamp) overlap: the next is sent though the last has not come back. Others wait
// for one another, and those over kMaxInFlight (kMaxPrograms for programs) wait in the order in which they fell due.
//
// `replace` keeps state and schedule of each check whose definition is unchanged, and ends the others at once: their
// sockets are closed and their programs killed when it returns. No callback comes from within it.
//
// One thread: that of the io_context. Counters may be read by any.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "server/health/state.h"
#include "server/probe/options.h"
#include "server/probe/result.h"
#include "zone/base/result.h"

namespace server {

// A check as text: "web 203.0.113.10 from 203.0.113.2 device eth1 dscp 46". Stable over restarts and changes of timing.
std::string check_key(const CheckOptions& check);

// Written on the registry's thread, read by any.
struct CheckCounters {
  std::array<std::array<std::atomic<std::uint64_t>, kOutcomes>, kProbeKinds> results{};  // by ProbeKind, by Outcome
  std::atomic<std::uint64_t> transitions{0};
  std::atomic<std::uint64_t> late{0};  // starts that had to wait for a slot
};

class HealthChecks {
 public:
  struct Callbacks {
    std::function<void(std::size_t index, const CheckState& state)> on_change;  // a check's health changed
    std::function<void()> first_round_done;  // once after each `replace`: every check has had a result
  };

  HealthChecks(boost::asio::io_context& context, Callbacks callbacks);
  ~HealthChecks();  // as stop()
  HealthChecks(const HealthChecks&) = delete;
  HealthChecks& operator=(const HealthChecks&) = delete;

  // Opens what needs rights: to be called before privileges are dropped, also where no check needs it yet, since a
  // reload may bring one. The error is words for the log; icmp checks are then UNKNOWN, all others work.
  dns::Result<void, std::string> open();

  // Of `Plan::checks`; their indices are those of the callbacks and of `states`.
  void replace(std::vector<CheckOptions> checks);
  void stop();

  // By index. Changes on the registry's thread only; `probes` and `quality` move with each result, not only on
  // transitions.
  const std::vector<CheckState>& states() const;
  const CheckCounters& counters() const;

  // Healths as text, a line a check; what is restored holds until `fall` or `rise` results turn it. May come before
  // `replace`. Lines that are malformed or name no check are passed over.
  std::string save(Instant now, std::chrono::system_clock::time_point wall) const;
  void restore(std::string_view saved, Instant now, std::chrono::system_clock::time_point wall);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace server
