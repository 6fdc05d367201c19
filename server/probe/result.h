// The result of one probe, for all kinds of probes. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/runtime/thread.h"

namespace server {

enum class Outcome : std::uint8_t {
  kOk,
  kFailed,
  kUnknown,  // no statement about the target: no permission to send, no descriptor left, a file that is no longer
             // written
};
inline constexpr std::size_t kOutcomes = 3;

// The measured values, as far as available.
struct Measurements {
  std::optional<Duration> latency;  // the round trip
  std::optional<Duration> jitter;   // only from programs and files; likewise the loss
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
