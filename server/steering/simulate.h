// What would happen: a copy of the evaluator, health that changes as they would in reality, and virtual time. Changes
// nothing.
//
//     link fails        each of its checks, and those of the services that only it reaches, fails `fall` times, one an
//     interval router fails      silence: SUSPECT, then the next configured router that has not failed is active, or
//     nobody virtual router    all its routers fail at once member fails      its own checks fail, as above
//
// Times are those of the slowest detection that the timers allow: the fault falls just after a good probe or
// advertisement. The copy decides by the very same code, so what it says of records is what will be said.
#pragma once

#include "server/steering/evaluator.h"

namespace server {

enum class FailureKind : std::uint8_t { kLink, kRouter, kVirtualRouter, kMember };

struct SimulatedFailure {
  FailureKind kind{};
  std::string subject;  // "isp-a", "lan-gw:rtr-a", "lan-gw", "www.example.com/A:via-a", as record_name names records
  Duration at{};        // after the start
};

// What a simulated record is at some time.
struct SimulatedRecord {
  RecordState state{};
  std::vector<std::size_t> members;  // chosen
  std::uint32_t ttl = 0;
  std::string rule;

  friend bool operator==(const SimulatedRecord&, const SimulatedRecord&) = default;
};

struct SimulatedChange {
  Duration at{};  // after the start
  SimulatedRecord to;
};

struct RecordTimeline {
  SimulatedRecord before, after;
  std::vector<SimulatedChange> changes;  // of members, state or TTL
  std::optional<Duration> detection;     // from the first fault to the first change of members; nothing: none changed
  std::optional<Duration>
      exposure;  // detection and the TTL that clients had cached: until the last of them has the new answer
};

struct Simulation {
  std::vector<RecordTimeline> records;  // by record
  std::vector<ManagedRrsetPtr> sets;    // at the horizon; empty where the mode is kObserve
  std::vector<std::size_t> undetected;  // failures that nothing here could notice, as indices
};

struct SimulationError {
  std::size_t failure = 0;  // whose subject is not known

  friend bool operator==(const SimulationError&, const SimulationError&) = default;
};

struct SimulationStart {
  const HealthState& health;
  const std::vector<AdminOverride>& overrides;
  Instant now{};
  std::chrono::system_clock::time_point wall{};
};

// Until `horizon` after the start. At most kMaxSimulatedSteps evaluations.
inline constexpr std::size_t kMaxSimulatedSteps = 10'000;
dns::Result<Simulation, SimulationError> simulate(const Evaluator& evaluator, const SimulationStart& start,
                                                  const std::vector<SimulatedFailure>& failures, Duration horizon);

}  // namespace server
