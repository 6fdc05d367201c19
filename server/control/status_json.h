// The state of failover as JSON: for `status`, `explain`, `events`, and the metrics.
//
// Times are RFC 3339 in UTC; `age` is in seconds. The keys are documented in the README: new ones may be added, none
// changes its meaning. Pure; on the controller's thread.
#pragma once

#include <nlohmann/json.hpp>

#include "server/failover/failover_thread.h"
#include "server/steering/simulate.h"

namespace server {

using JsonValue = nlohmann::ordered_json;

// One line without its end; octets that are not UTF-8 are replaced.
std::string reply_text(const JsonValue& reply);

// "steering": mode, virtual routers, links, records, checks, overrides, alarms, counters. Built in slices, so that
// decisions are not delayed: the caller gives way between two slices. Each object is of one instant; together they may
// not be. If the configuration changes in between, it begins again.
class SteeringJson {
 public:
  explicit SteeringJson(const FailoverController& controller) : controller_(controller) {}
  // Adds at most kSliceItems records with their members, checks or alarms. True if the object is complete.
  bool add_slice(Moment at);
  JsonValue take() { return std::move(object_); }

  static constexpr std::size_t kSliceItems = 32;

 private:
  void begin();
  bool add_items(JsonValue& list, std::size_t end, std::size_t& room, Moment at,
                 JsonValue (*item)(const FailoverController&, std::size_t, Moment));
  bool add_alarms(std::size_t& room);
  void finish(Moment at);

  const FailoverController& controller_;
  std::shared_ptr<const Plan> plan_;  // null: not begun
  JsonValue object_, records_, checks_, alarms_;
  std::string last_alarm_;  // its key
};
// The same at once, with only the record, link or virtual router that `subject` names. Nothing if it names none.
std::optional<JsonValue> subject_json(const FailoverController& controller, std::string_view subject, Moment at);

JsonValue record_json(const FailoverController& controller, std::size_t record, Moment at);
JsonValue event_json(const Event& event);
JsonValue override_json(const SteeringOptions& options, const AdminOverride& entry);

// Converts typed subjects to failures for a simulation. The error is a message for people.
dns::Result<std::vector<SimulatedFailure>, std::string> parse_failures(const SteeringOptions& options,
                                                                       const std::vector<std::string>& typed);
inline constexpr std::chrono::minutes kSimulatedTime{60};
JsonValue simulation_json(const SteeringOptions& options, const Simulation& simulation,
                          const std::vector<SimulatedFailure>& failures);

// Rejected advertisements by reason and virtual router, those of an interface that belong to no virtual router, and
// probe results by kind.
JsonValue input_counters_json(const HealthInputs& inputs, const Plan& plan);

}  // namespace server
