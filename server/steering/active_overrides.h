// The overrides in force, as of a plan: each subject that an override names found in it.
//
// Of several overrides on one subject the last given counts; one that names a member in one record counts before one
// that names it in all ("*:via-a"). Overrides whose time is over, or whose subject is not in the plan, have no effect.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "server/steering/options.h"

namespace server {

// What people have ordered: drain, force, freeze, each until an instant or until taken back. Outlives restarts and
// reloads.
//
// Subjects are named as people name them; an override whose subject a reload took away is kept, and reported as without
// effect.

enum class OverrideKind : std::uint8_t {
  kDrain,   // a link, a member ("www.example.com/A:via-a"; "*:via-a" in all records) or a router ("lan-gw:rtr-a"): not
            // chosen while any other is usable
  kDown,    // the same subjects: as if it had failed
  kUp,      // as if it were healthy
  kForce,   // a record is to be `member`, whatever its health
  kFreeze,  // a record stays as it is; subject "*": all
};

struct AdminOverride {
  OverrideKind kind{};
  std::string subject;
  std::string member;                                          // kForce
  std::optional<std::chrono::system_clock::time_point> until;  // wall clock: it outlives the process
  std::string by;                                              // who gave it: user name or number of the peer

  friend bool operator==(const AdminOverride&, const AdminOverride&) = default;
};

struct ActiveOverride {
  OverrideKind kind{};
  std::string by;

  friend bool operator==(const ActiveOverride&, const ActiveOverride&) = default;
};

struct ActiveForce {
  std::size_t member = 0;
  std::string by;
  std::optional<Instant> until;

  friend bool operator==(const ActiveForce&, const ActiveForce&) = default;
};

struct ActiveFreeze {
  std::string by;
  std::optional<Instant> until;

  friend bool operator==(const ActiveFreeze&, const ActiveFreeze&) = default;
};

struct ActiveOverrides {
  std::vector<std::optional<ActiveOverride>> links;
  std::vector<std::vector<std::optional<ActiveOverride>>> routers;  // by virtual router, by router
  std::vector<std::vector<std::optional<ActiveOverride>>> members;  // by record, by member
  std::vector<std::optional<ActiveForce>> forces;                   // by record
  std::vector<std::optional<ActiveFreeze>> freezes;                 // by record
  std::optional<Instant> next_expiry;                               // of the first to end
};

ActiveOverrides resolve_overrides(const SteeringOptions& options, const std::vector<AdminOverride>& overrides,
                                  Instant now, std::chrono::system_clock::time_point wall);

}  // namespace server
