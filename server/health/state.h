// What is known of a check's target.
#pragma once

#include <optional>
#include <string>

#include "server/runtime/instant.h"

namespace server {

enum class Health : std::uint8_t { kUnknown, kUp, kDown };

// Over the monitor's window.
struct Quality {
  std::size_t samples = 0;  // probes that ended within the window, lost ones included
  Duration latency{};       // median of the round trips
  Duration jitter{};        // mean of the differences of successive round trips
  double loss = 0;          // 0 to 1

  friend bool operator==(const Quality&, const Quality&) = default;
};

struct CheckState {
  Health health = Health::kUnknown;
  Instant since{};  // of this health
  Quality quality;
  std::uint64_t probes = 0, failures = 0, transitions = 0;
  unsigned contrary_results = 0;      // results in a row that speak against `health`
  std::optional<Instant> may_change;  // the earliest instant at which `health` can be another
  std::string detail;                 // of the last result, for people: "503 Service Unavailable", "connection refused"

  friend bool operator==(const CheckState&, const CheckState&) = default;
};

}  // namespace server
