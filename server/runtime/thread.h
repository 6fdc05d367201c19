// Threads of the server: named for `top -H`, with all signals blocked (the main thread handles them), and UDP workers
// pinned to a CPU. Also the clock that all threads use.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace server {

// Points in time of all timers and decisions: a monotonic clock. The caller passes the time in, so that tests and
// simulations use a clock of their own.
using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

// The CPUs that this process may run on, ascending; at least one.
std::vector<int> allowed_cpus();

struct ThreadOptions {
  std::string name;        // at most 15 octets are kept
  std::optional<int> cpu;  // runs there only; no error if the CPU is not available any more
  int niceness = 0;        // above 0: lower priority than the other threads
};

std::jthread start_thread(const ThreadOptions& options, std::function<void()> body);

}  // namespace server
