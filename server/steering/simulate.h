// Shows what a failure would do: a copy of the evaluator, health that changes as it would in reality, and virtual time.
// Nothing is changed.
//
//     link fails             each of its checks, and each check of services that only it reaches, fails from then on:
//                            one result per interval, with the losses that they add to its window
//     router fails           its advertisements end; the next configured router that has not failed takes over;
//                            without one there is no active router (RouterCourse)
//     virtual router fails   all its routers fail at once
//     member fails           its own checks fail, as above
//
// Times are those of the slowest detection that the timers allow: the failure happens just after a probe or
// advertisement. The copy runs the same code as the server, and the failing checks are judged by the same code, so the
// simulated decisions are the real ones.
#pragma once

#include <span>

#include "server/steering/evaluator.h"
#include "server/vrrp/router_course.h"

namespace server {

enum class FailureKind : std::uint8_t { kLink, kRouter, kVirtualRouter, kMember };

struct SimulatedFailure {
  FailureKind kind{};
  std::string subject;  // "isp-a", "lan-gw:rtr-a", "lan-gw", "www.example.com/A:via-a": names as from record_name
  Duration at{};        // after the start
};

// A record's state at one time of the simulation.
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
  std::optional<Duration> detection;     // from the first failure to the first change of members; nothing: no change
  // Detection plus the TTL that clients had cached: when the last client has the new addresses.
  std::optional<Duration> exposure;
};

struct Simulation {
  std::vector<RecordTimeline> records;  // by record
  ManagedRrsets sets;                   // at the end of the simulation; empty in mode kObserve
  std::vector<std::size_t> undetected;  // indices of failures that nothing here can detect
  std::optional<Duration> stopped;      // after kMaxSimulatedSteps: how far the simulation came
};

struct SimulationError {
  std::size_t failure = 0;  // index of the failure whose subject is unknown

  friend bool operator==(const SimulationError&, const SimulationError&) = default;
};

struct SimulationStart {
  const HealthState& health;
  const std::vector<AdminOverride>& overrides;
  Instant now{};
  std::chrono::system_clock::time_point wall{};
  std::span<const RouterTracker> routers = {};  // by virtual router; empty: each was heard just now, as in `health`
};

// Simulates until `horizon` after the start, with at most kMaxSimulatedSteps evaluations.
inline constexpr std::size_t kMaxSimulatedSteps = 10'000;
dns::Result<Simulation, SimulationError> simulate(const Evaluator& evaluator, const SimulationStart& start,
                                                  const std::vector<SimulatedFailure>& failures, Duration horizon);

}  // namespace server
