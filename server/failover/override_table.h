// The overrides in force, and what the subjects that people type mean.
//
// On one subject there is at most one override of a group: drain, down and up replace one another, so do two forces and
// two freezes. Overrides outlive the plan: one whose subject a reload took away stays, without effect, until it ends or
// is taken back.
//
//     isp-a                      a link
//     lan-gw:rtr-a               a router of a virtual router
//     www.example.com:via-a      a member, in every record of the name; www.example.com/A@closed:via-a in one; *:via-a
//     in all www.example.com            every record of the name; with /TYPE and @VIEW one of them; * all
//
// Names are compared without regard to case and to the last dot. Pure; one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/steering/active_overrides.h"
#include "server/steering/options.h"
#include "zone/base/result.h"

namespace server {

using WallTime = std::chrono::system_clock::time_point;

enum class OverrideGroup : std::uint8_t { kHealth, kForce, kFreeze };

OverrideGroup group_of(OverrideKind kind);
std::string_view word(OverrideKind kind);

// "drain isp-a until 2026-11-22T21:00:00Z by root"
std::string to_text(const AdminOverride& entry);
// RFC 3339 in UTC with milliseconds, and back; nothing where it is not that.
std::string to_text(WallTime time);
std::optional<WallTime> parse_time(std::string_view text);

class OverrideTable {
 public:
  explicit OverrideTable(std::vector<AdminOverride> overrides = {}) : overrides_(std::move(overrides)) {}

  void add(AdminOverride entry);
  // What was taken back: nothing where there was no such override.
  std::optional<AdminOverride> remove(OverrideGroup of, std::string_view subject);
  // Takes those whose time is over, and gives them.
  std::vector<AdminOverride> expire(WallTime wall);
  std::optional<WallTime> next_expiry() const;
  const std::vector<AdminOverride>& all() const { return overrides_; }

 private:
  std::vector<AdminOverride> overrides_;
};

// A typed subject as overrides name it: possibly several. The error is words with the nearest subject that there is.
using Subjects = dns::Result<std::vector<std::string>, std::string>;
Subjects health_subjects(const SteeringOptions& options, std::string_view typed);  // links, routers, members
Subjects record_subjects(const SteeringOptions& options,
                         std::string_view typed);  // records by record_name; "*" stays "*"

// Indices of the records that a typed name means; empty: none.
std::vector<std::size_t> records_named(const SteeringOptions& options, std::string_view typed);

// "there is no link, virtual router or managed name `ispa`; did you mean `isp-a`?"
std::string unknown_subject(const SteeringOptions& options, std::string_view typed);

// Whether anything in `options` is what the override names.
bool has_effect(const SteeringOptions& options, const AdminOverride& entry);

}  // namespace server
