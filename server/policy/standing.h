// The orders in force, as of a plan: each subject that an order names found in it.
//
// Of several orders on one subject the last given counts; one that names a member in one answer counts before one that
// names it in all ("*:via-a"). Orders whose time is over, or whose subject is not in the plan, have no effect.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "server/policy/admin.h"
#include "server/policy/options.h"

namespace server {

struct StandingOrder {
  OrderKind kind{};
  std::string by;

  friend bool operator==(const StandingOrder&, const StandingOrder&) = default;
};

struct StandingForce {
  std::size_t member = 0;
  std::string by;
  std::optional<Instant> until;

  friend bool operator==(const StandingForce&, const StandingForce&) = default;
};

struct StandingFreeze {
  std::string by;
  std::optional<Instant> until;

  friend bool operator==(const StandingFreeze&, const StandingFreeze&) = default;
};

struct Standing {
  std::vector<std::optional<StandingOrder>> links;
  std::vector<std::vector<std::optional<StandingOrder>>> routers;   // by virtual router, by router
  std::vector<std::vector<std::optional<StandingOrder>>> members;   // by answer, by member
  std::vector<std::optional<StandingForce>> forces;                 // by answer
  std::vector<std::optional<StandingFreeze>> freezes;               // by answer
  std::optional<Instant> next_end;                                  // of the first to end
};

Standing resolve(const SteeringOptions& options, const std::vector<Order>& orders, Instant now, std::chrono::system_clock::time_point wall);

}  // namespace server
