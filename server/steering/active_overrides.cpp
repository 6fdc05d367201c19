#include "server/steering/active_overrides.h"

#include <algorithm>

namespace server {

namespace {

class OverrideResolver {
 public:
  OverrideResolver(const SteeringOptions& options, ActiveOverrides& active_overrides)
      : options_(options), active_overrides_(active_overrides) {
    active_overrides.links.resize(options.links.size());
    for (const VirtualRouterOptions& router : options.virtual_routers)
      active_overrides.routers.emplace_back(router.routers.size());
    for (std::size_t i = 0; i < options.records.size(); ++i) {
      names_.push_back(record_name(options, i));
      active_overrides.members.emplace_back(options.records[i].members.size());
    }
    active_overrides.forces.resize(names_.size());
    active_overrides.freezes.resize(names_.size());
  }

  void apply(const AdminOverride& entry, std::optional<Instant> until) {
    switch (entry.kind) {
      case OverrideKind::kForce: return force(entry, until);
      case OverrideKind::kFreeze: return freeze(entry, until);
      case OverrideKind::kDrain:
      case OverrideKind::kDown:
      case OverrideKind::kUp: return health(entry);
    }
  }

  // "*:NAME" applies to the members that have no override of their own in their record.
  void apply_to_all_records(const AdminOverride& entry) {
    const std::string_view member = std::string_view(entry.subject).substr(2);
    for (std::size_t i = 0; i < names_.size(); ++i) set_member(i, member, {entry.kind, entry.by});
  }

 private:
  void force(const AdminOverride& entry, std::optional<Instant> until) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] != entry.subject) continue;
      const std::vector<MemberOptions>& members = options_.records[i].members;
      for (std::size_t m = 0; m < members.size(); ++m) {
        if (members[m].name == entry.member) active_overrides_.forces[i] = ActiveForce{m, entry.by, until};
      }
    }
  }

  void freeze(const AdminOverride& entry, std::optional<Instant> until) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (entry.subject == "*" || names_[i] == entry.subject)
        active_overrides_.freezes[i] = ActiveFreeze{entry.by, until, entry.subject == "*"};
    }
  }

  void health(const AdminOverride& entry) {
    const ActiveOverride active{entry.kind, entry.by};
    for (std::size_t i = 0; i < options_.links.size(); ++i) {
      if (options_.links[i].name == entry.subject) active_overrides_.links[i] = active;
    }
    const std::size_t colon = entry.subject.rfind(':');
    if (colon == std::string::npos) return;
    const std::string_view whole = entry.subject, before = whole.substr(0, colon), after = whole.substr(colon + 1);
    for (std::size_t i = 0; i < options_.virtual_routers.size(); ++i) {
      if (options_.virtual_routers[i].name == before) set_router(i, after, active);
    }
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == before) set_member(i, after, active);
    }
  }

  void set_router(std::size_t virtual_router, std::string_view name, const ActiveOverride& entry) {
    const std::vector<RouterOptions>& routers = options_.virtual_routers[virtual_router].routers;
    for (std::size_t i = 0; i < routers.size(); ++i) {
      if (routers[i].name == name) active_overrides_.routers[virtual_router][i] = entry;
    }
  }

  void set_member(std::size_t record, std::string_view name, const ActiveOverride& entry) {
    const std::vector<MemberOptions>& members = options_.records[record].members;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (members[i].name == name) active_overrides_.members[record][i] = entry;
    }
  }

  const SteeringOptions& options_;
  ActiveOverrides& active_overrides_;
  std::vector<std::string> names_;
};

bool names_all_records(const AdminOverride& entry) {
  const bool health =
      entry.kind == OverrideKind::kDrain || entry.kind == OverrideKind::kDown || entry.kind == OverrideKind::kUp;
  return health && entry.subject.starts_with("*:");
}

}  // namespace

ActiveOverrides resolve_overrides(const SteeringOptions& options, const std::vector<AdminOverride>& overrides,
                                  Instant now, std::chrono::system_clock::time_point wall) {
  ActiveOverrides active_overrides;
  OverrideResolver resolver(options, active_overrides);
  const auto in_force = [&](const AdminOverride& entry) { return !entry.until || *entry.until > wall; };
  for (const AdminOverride& entry : overrides) {
    if (in_force(entry) && names_all_records(entry)) resolver.apply_to_all_records(entry);
  }
  for (const AdminOverride& entry : overrides) {
    if (!in_force(entry)) continue;
    std::optional<Instant> until;
    if (entry.until) {
      until = now + std::min<Duration>(*entry.until - wall, std::chrono::hours{24});  // resolved again then
      active_overrides.next_expiry = std::min(active_overrides.next_expiry.value_or(*until), *until);
    }
    if (!names_all_records(entry)) resolver.apply(entry, until);
  }
  return active_overrides;
}

}  // namespace server
