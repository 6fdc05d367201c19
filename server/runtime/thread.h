// Threads of the server: named for `top -H`, with all signals blocked (the main thread handles them), and UDP workers
// pinned to a CPU. Also the clock that all threads use.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "zone/base/result.h"

namespace server {

// Points in time of all timers and decisions: a monotonic clock. The caller passes the time in, so that tests and
// simulations use a clock of their own.
using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

// The CPUs that this process may run on, ascending; at least one.
std::vector<int> allowed_cpus();

enum class WithoutMemory : std::uint8_t {
  kWait,   // where the memory reserve is used up, allocations wait (WaitsForMemory)
  kThrow,  // std::bad_alloc: one client is dropped, and the others are answered
};

struct ThreadOptions {
  std::string name;        // at most 15 octets are kept
  std::optional<int> cpu;  // runs there only; no error if the CPU is not available any more
  int niceness = 0;        // above 0: lower priority than the other threads
  WithoutMemory without_memory = WithoutMemory::kWait;
};

// `body` must not throw. The error is the system's text, where the limit of threads or of memory is reached.
dns::Result<std::jthread, std::string> start_thread(const ThreadOptions& options, std::function<void()> body);

// For loops of threads that must go on: runs `work` until it returns. An exception (no memory is left) goes to
// `on_failure` as text, then `work` runs again. Where `on_failure` throws as well, it is tried again after a pause.
void run_until_done(const std::function<void()>& work, const std::function<void(std::string_view what)>& on_failure);

}  // namespace server
