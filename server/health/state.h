// The state of a health check.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/runtime/thread.h"

namespace server {

enum class Health : std::uint8_t { kUnknown, kUp, kDown };

// Measured over the monitor's window.
struct Quality {
  std::size_t samples = 0;  // probes that ended within the window, including lost ones
  Duration latency{};       // median of the round trips
  Duration jitter{};        // mean of the differences of successive round trips
  double loss = 0;          // 0 to 1

  friend bool operator==(const Quality&, const Quality&) = default;
};

struct CheckState {
  Health health = Health::kUnknown;
  Instant since{};  // when this health began
  Quality quality;
  std::uint64_t probes = 0, failures = 0, transitions = 0;
  unsigned contrary_results = 0;      // results in a row that contradict `health`
  std::optional<Instant> may_change;  // the earliest instant at which `health` can change
  bool late = false;                  // its last start waited longer than an interval for a slot, or still waits
  std::string detail;                 // of the last result, for people: "503 Service Unavailable", "connection refused"

  // True if there are results, and they say nothing about the target: `detail` says why.
  bool cannot_run() const { return health == Health::kUnknown && probes > 0; }

  friend bool operator==(const CheckState&, const CheckState&) = default;
};

}  // namespace server
