// The state of failover as JSON: what `status`, `explain` and `events` show, and the dump for metrics.
//
// Times are RFC 3339 in UTC; `age` is seconds since. The members' names are the README's; new ones may be added, none
// changes its meaning. Pure; one thread, that of the controller.
#pragma once

#include <nlohmann/json.hpp>

#include "server/failover/failover_thread.h"
#include "server/steering/simulate.h"

namespace server {

using JsonValue = nlohmann::ordered_json;

// "steering": mode, virtual routers, links, records, checks, overrides, alarms, counters.
JsonValue steering_json(const FailoverController& controller, Moment at);
// The same without what `subject` does not name: a record, a link, a virtual router. Nothing where it names none.
std::optional<JsonValue> subject_json(const FailoverController& controller, std::string_view subject, Moment at);

JsonValue record_json(const FailoverController& controller, std::size_t record, Moment at);
JsonValue event_json(const Event& event);
JsonValue override_json(const SteeringOptions& options, const AdminOverride& entry);

// What `typed` subjects would be as failures. The error is words.
dns::Result<std::vector<SimulatedFailure>, std::string> parse_failures(const SteeringOptions& options,
                                                                       const std::vector<std::string>& typed);
inline constexpr std::chrono::minutes kSimulatedTime{60};
JsonValue simulation_json(const SteeringOptions& options, const Simulation& simulation,
                          const std::vector<SimulatedFailure>& failures);

// Rejected advertisements by reason and virtual router, and those of an interface that could be told no virtual router;
// probe results by kind.
JsonValue input_counters_json(const HealthInputs& inputs, const Plan& plan);

}  // namespace server
