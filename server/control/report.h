// The state of failover as JSON: what `status`, `explain` and `events` show, and the dump for metrics.
//
// Times are RFC 3339 in UTC; `age` is seconds since. The members' names are the README's; new ones may be added, none changes
// its meaning. Pure; one thread, that of the helm.
#pragma once

#include <nlohmann/json.hpp>

#include "server/failover/engine.h"
#include "server/steering/simulate.h"

namespace server {

using JsonValue = nlohmann::ordered_json;

// "steering": mode, virtual routers, links, answers, checks, orders, alarms, counters.
JsonValue report_steering(const Helm& helm, Moment at);
// The same without what `subject` does not name: an answer, a link, a virtual router. Nothing where it names none.
std::optional<JsonValue> report_subject(const Helm& helm, std::string_view subject, Moment at);

JsonValue report_answer(const Helm& helm, std::size_t answer, Moment at);
JsonValue report_event(const Event& event);
JsonValue report_order(const SteeringOptions& options, const Order& order);

// What `typed` subjects would be as faults. The error is words.
dns::Result<std::vector<Fault>, std::string> faults_of(const SteeringOptions& options, const std::vector<std::string>& typed);
inline constexpr std::chrono::minutes kSimulatedTime{60};
JsonValue report_simulation(const SteeringOptions& options, const Simulation& simulation, const std::vector<Fault>& faults);

// Rejected advertisements by reason and virtual router, and those of an interface that could be told no virtual router; probe
// results by kind.
JsonValue report_evidence_counters(const Evidence& evidence, const Plan& plan);

}  // namespace server
