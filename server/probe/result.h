// What one probe of a target found: the common end of all kinds of probes. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/runtime/instant.h"

namespace server {

enum class Outcome : std::uint8_t {
  kOk,
  kFailed,
  kUnknown,  // nothing can be said: no right to send, no descriptor left, a file that nobody writes any more
};
inline constexpr std::size_t kOutcomes = 3;

// What was measured, as far as it was.
struct Measurements {
  std::optional<Duration> latency;  // the round trip
  std::optional<Duration> jitter;   // these two only where others measure for us (programs, files)
  std::optional<double> loss;       // 0 to 1

  friend bool operator==(const Measurements&, const Measurements&) = default;
};

struct ProbeResult {
  Outcome outcome = Outcome::kUnknown;
  Measurements measurements;
  std::string detail;  // for people: "503 Service Unavailable", "connection refused", "12.3 ms"

  friend bool operator==(const ProbeResult&, const ProbeResult&) = default;
};

}  // namespace server
