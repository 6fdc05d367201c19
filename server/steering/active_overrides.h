// The overrides that apply to a plan: each override is resolved to the links, routers, members and records it names.
//
// If several overrides name one subject, the newest one counts. An override for a member of one record takes precedence
// over one for all records ("*:via-a"). Expired overrides and overrides whose subject is not in the plan have no
// effect.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "server/steering/options.h"

namespace server {

// An override by an operator: drain, force or freeze, until a given time or until it is removed. Overrides survive
// restarts and reloads.
//
// Subjects are names as the operator types them. If a reload removes the subject, the override is kept and reported as
// without effect.

enum class OverrideKind : std::uint8_t {
  kDrain,   // a link, a member ("www.example.com/A:via-a"; "*:via-a" in all records) or a router ("lan-gw:rtr-a"): not
            // chosen while another member is usable
  kDown,    // the same subjects: treated as failed
  kUp,      // treated as healthy
  kForce,   // the record serves `member`, whatever its health
  kFreeze,  // the record stays as it is; subject "*": all records
};

struct AdminOverride {
  OverrideKind kind{};
  std::string subject;
  std::string member;                                          // kForce
  std::optional<std::chrono::system_clock::time_point> until;  // wall clock, because it survives the process
  std::string by;                                              // who added it: the peer's user name or number

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
  bool of_all = false;  // the override's subject is "*"

  friend bool operator==(const ActiveFreeze&, const ActiveFreeze&) = default;
};

struct ActiveOverrides {
  std::vector<std::optional<ActiveOverride>> links;
  std::vector<std::vector<std::optional<ActiveOverride>>> routers;  // by virtual router, by router
  std::vector<std::vector<std::optional<ActiveOverride>>> members;  // by record, by member
  std::vector<std::optional<ActiveForce>> forces;                   // by record
  std::vector<std::optional<ActiveFreeze>> freezes;                 // by record
  std::optional<Instant> next_expiry;                               // when the first of them expires
};

ActiveOverrides resolve_overrides(const SteeringOptions& options, const std::vector<AdminOverride>& overrides,
                                  Instant now, std::chrono::system_clock::time_point wall);

}  // namespace server
