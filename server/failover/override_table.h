// The table of overrides, and the syntax of the subjects that operators type.
//
// Overrides of one group on one subject replace each other: drain, down and up, or two forces, or two freezes. The
// newest one counts. An older one that ends later stays in the table and counts again after the newer one. Overrides
// survive a change of the configuration. If a reload removes the subject, the override stays without effect until it
// expires or is removed.
//
//     isp-a                      a link
//     lan-gw:rtr-a               a router of a virtual router
//     www.example.com:via-a      a member, in every record of the name; www.example.com/A@closed:via-a: in one record
//     *:via-a                    a member, in all records
//     www.example.com            every record of the name; with /TYPE and @VIEW: one record; *: all records
//
// Names are compared without case and without the final dot. Pure; one thread.
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
// RFC 3339 in UTC with milliseconds. parse_time returns nothing if the text has another form.
std::string to_text(WallTime time);
std::optional<WallTime> parse_time(std::string_view text);

class OverrideTable {
 public:
  explicit OverrideTable(std::vector<AdminOverride> overrides = {}) : overrides_(std::move(overrides)) {}

  void add(AdminOverride entry);
  // Returns the removed overrides.
  std::vector<AdminOverride> remove(OverrideGroup of, std::string_view subject);
  // The subjects of the group's overrides that are written like `typed`.
  std::vector<std::string> subjects_like(OverrideGroup of, std::string_view typed) const;
  // Removes the expired overrides and returns them.
  std::vector<AdminOverride> expire(WallTime wall);
  std::optional<WallTime> next_expiry() const;
  const std::vector<AdminOverride>& all() const { return overrides_; }

 private:
  std::vector<AdminOverride> overrides_;
};

// The full subjects that a typed subject stands for; possibly several. The error is a message that suggests the nearest
// known subject.
using Subjects = dns::Result<std::vector<std::string>, std::string>;
Subjects health_subjects(const SteeringOptions& options, std::string_view typed);  // links, routers, members
Subjects record_subjects(const SteeringOptions& options,
                         std::string_view typed);  // names as from record_name; "*" stays "*"

// Indices of the records with the typed name; empty: none.
std::vector<std::size_t> find_records(const SteeringOptions& options, std::string_view typed);

// "there is no link, virtual router or managed name `ispa`; did you mean `isp-a`?"
std::string unknown_subject(const SteeringOptions& options, std::string_view typed);

// True if the override's subject exists in `options`.
bool has_effect(const SteeringOptions& options, const AdminOverride& entry);

}  // namespace server
