#include "server/steering/members.h"

#include <algorithm>

#include <fmt/format.h>

#include "server/steering/words.h"

namespace server {

namespace {

// A state and why.
struct StateAndReason {
  MemberState state = MemberState::kUsable;
  std::string reason;
};

// The rank of a state: the higher one wins.
int rank_of(MemberState state) {
  switch (state) {
    case MemberState::kUsable: return 0;
    case MemberState::kDegraded: return 1;
    case MemberState::kDrained: return 2;
    case MemberState::kUnknown: return 3;
    case MemberState::kDown: return 4;
  }
  return 4;
}

class MemberEvaluator {
 public:
  MemberEvaluator(const Plan& plan, std::size_t record, std::size_t member, const HealthState& health,
                  const std::vector<LinkStatus>& links, const ActiveOverrides& active_overrides, Instant now,
                  MemberStatus& status)
      : plan_(plan),
        record_options_(plan.options.records[record]),
        options_(record_options_.members[member]),
        checks_(plan.member_checks[record][member]),
        health_(health),
        links_(links),
        active_overrides_(active_overrides),
        override_(active_overrides.members[record][member]),
        now_(now),
        status_(status) {}

  void evaluate() {
    read_options();
    status_.router_lost = lost_router();
    for (const RouterRequirement& need : options_.routers) evaluate_router(need);
    const bool on_standby = status_.report.standby && result_.state == MemberState::kDown;
    const std::string standby_reason = result_.reason;
    if (on_standby) result_ = {};
    if (options_.link) evaluate_link(*options_.link);
    for (const std::size_t place : checks_) evaluate_check(place);
    if (!options_.link) evaluate_own_sla();
    status_.report.standby = on_standby && rank_of(result_.state) < rank_of(MemberState::kUnknown);
    if (on_standby) merge(MemberState::kDown, standby_reason);
    apply_override();
    if (!status_.allowed) result_ = {MemberState::kDown, class_reason()};
    if (status_.report.state != result_.state) status_.report.since = now_;
    status_.report.state = result_.state;
    if (result_.reason.empty()) result_.reason = "no checks configured";
    status_.report.reason = std::move(result_.reason);
  }

 private:
  void merge(MemberState state, std::string reason) {
    if (result_.reason.empty() || rank_of(state) > rank_of(result_.state)) result_ = {state, std::move(reason)};
  }

  void note_change_at(std::optional<Instant> at) {
    if (at) status_.change_at = std::min(status_.change_at.value_or(*at), *at);
  }

  // Reads the static properties from the configuration.
  void read_options() {
    const LinkOptions* link = options_.link ? &plan_.options.links[*options_.link] : nullptr;
    const std::vector<LinkClass>& floor = record_options_.allowed_classes;
    status_.allowed =
        floor.empty() || (link != nullptr && std::find(floor.begin(), floor.end(), link->link_class) != floor.end());
    status_.last_resort = link != nullptr && link->last_resort;
    status_.cost = link != nullptr ? link->cost : 0;
    status_.quality_rank = link != nullptr ? quality_rank(*link) : 0;
    status_.weight = options_.weight;
    status_.report.standby = status_.router_unstable = status_.admin_down = false;
    status_.frozen_by.clear();
    status_.excess = 0;
    status_.quality = {};
    status_.change_at = status_.next = std::nullopt;
  }

  std::string class_reason() const {
    if (!options_.link) return "no link: the record allows only some link classes";
    const LinkOptions& link = plan_.options.links[*options_.link];
    return fmt::format("link {} has class {}, which the record does not allow", link.name, word(link.link_class));
  }

  // A router that fell silent or gave up is not on standby when another one takes over: it stays lost until it is
  // active again.
  bool lost_router() const {
    return std::any_of(options_.routers.begin(), options_.routers.end(), [&](const RouterRequirement& need) {
      if (need.need != RouterNeed::kActive) return false;
      const VirtualRouterStatus& seen = health_.routers[need.virtual_router];
      if (seen.state == VirtualRouterState::kActive && seen.active == need.router) return false;
      const bool silent = seen.state == VirtualRouterState::kSuspect || seen.state == VirtualRouterState::kReleasing;
      return status_.router_lost || seen.state == VirtualRouterState::kNoActive ||
             (silent && seen.active == need.router);
    });
  }

  void evaluate_router(const RouterRequirement& need) {
    const VirtualRouterOptions& router = plan_.options.virtual_routers[need.virtual_router];
    const VirtualRouterStatus& seen = health_.routers[need.virtual_router];
    if (need.need == RouterNeed::kActive && apply_router_override(need, router)) return;
    switch (seen.state) {
      case VirtualRouterState::kUnknown:
        return merge(MemberState::kUnknown,
                     fmt::format("{}: {}", router.name, seen.reason.empty() ? "nothing heard yet" : seen.reason));
      case VirtualRouterState::kNoActive:
        return merge(MemberState::kDown, fmt::format("{} has no active router", router.name));
      case VirtualRouterState::kReleasing:
      case VirtualRouterState::kSuspect: status_.router_unstable = true; break;
      case VirtualRouterState::kSplit:
      case VirtualRouterState::kFlapping:
        status_.router_unstable = true;
        status_.frozen_by = fmt::format("virtual router {} is {}", router.name, word(seen.state));
        break;
      case VirtualRouterState::kActive: break;
    }
    if (!seen.active) return no_active_router(seen.state, router);
    const std::string& active = router.routers[*seen.active].name;
    if (need.need == RouterNeed::kHasActive || need.router == *seen.active) {
      return merge(MemberState::kUsable,
                   fmt::format("{} is active on {}{}", active, router.name, state_suffix(seen.state)));
    }
    status_.report.standby = seen.state == VirtualRouterState::kActive && !status_.router_lost;
    merge(MemberState::kDown, fmt::format("{} is active on {}, not {}{}", active, router.name,
                                          router.routers[need.router].name, state_suffix(seen.state)));
  }

  static std::string state_suffix(VirtualRouterState state) {
    return state == VirtualRouterState::kActive ? "" : fmt::format(" ({})", word(state));
  }

  // The virtual router is split or flapping, and no router counts as active.
  void no_active_router(VirtualRouterState state, const VirtualRouterOptions& router) {
    const bool decided = state == VirtualRouterState::kSplit && router.on_split == OnSplit::kNone;
    merge(decided ? MemberState::kDown : MemberState::kUnknown,
          fmt::format("{}: no router counts as active ({})", router.name, word(state)));
  }

  // True if an override on the router decides this requirement.
  bool apply_router_override(const RouterRequirement& need, const VirtualRouterOptions& router) {
    const std::optional<ActiveOverride>& entry = active_overrides_.routers[need.virtual_router][need.router];
    if (!entry) return false;
    const std::string& name = router.routers[need.router].name;
    switch (entry->kind) {
      case OverrideKind::kDown:
        merge(MemberState::kDown, fmt::format("{}:{} is down (override by {})", router.name, name, entry->by));
        return true;
      case OverrideKind::kUp:
        merge(MemberState::kUsable, fmt::format("{}:{} is up (override by {})", router.name, name, entry->by));
        return true;
      case OverrideKind::kDrain:
        merge(MemberState::kDrained, fmt::format("{}:{} is drained (override by {})", router.name, name, entry->by));
        return false;
      case OverrideKind::kForce:
      case OverrideKind::kFreeze: return false;
    }
    return false;
  }

  void evaluate_link(std::size_t index) {
    const LinkStatus& link = links_[index];
    const std::string& name = plan_.options.links[index].name;
    status_.quality = link.report.quality;
    note_change_at(link.change_at);
    if (link.admin_override && link.admin_override->kind == OverrideKind::kDrain)
      merge(MemberState::kDrained, fmt::format("link {} is drained (override by {})", name, link.admin_override->by));
    if (link.report.state == LinkState::kDown)
      return merge(MemberState::kDown, fmt::format("link {}: {}", name, link.report.reason));
    if (link.report.state == LinkState::kUnknown)
      return merge(MemberState::kUnknown, fmt::format("link {}: {}", name, link.report.reason));
    const bool up_by_override = link.admin_override && link.admin_override->kind == OverrideKind::kUp;
    if (record_options_.sla && !up_by_override) evaluate_link_sla(index, link);
    merge(MemberState::kUsable, fmt::format("link {} is up", name));
  }

  void evaluate_link_sla(std::size_t index, const LinkStatus& link) {
    const std::vector<std::size_t>& slas = plan_.link_slas[index];
    const std::size_t at =
        static_cast<std::size_t>(std::lower_bound(slas.begin(), slas.end(), *record_options_.sla) - slas.begin());
    const SlaStatus& status = link.slas[at];
    status_.excess = status.excess;
    note_change_at(status.change_at);
    if (status.violated)
      merge(MemberState::kDegraded, fmt::format("link {}: {}: {}", plan_.options.links[index].name,
                                                plan_.options.sla_classes[*record_options_.sla].name, status.reason));
  }

  void evaluate_check(std::size_t place) {
    const CheckState& check = health_.checks[place];
    const CheckOptions& options = plan_.checks[place];
    const std::string name = fmt::format("{} {}", options.monitor.name, options.target.to_string());
    note_change_at(earliest_turn(check, now_));
    switch (check.health) {
      case Health::kUp: return merge(MemberState::kUsable, fmt::format("{} is up", name));
      case Health::kDown:
        return merge(MemberState::kDown,
                     fmt::format("{} is down{}{}", name, check.detail.empty() ? "" : ": ", check.detail));
      case Health::kUnknown:
        return merge(MemberState::kUnknown,
                     fmt::format("{}: {}", name, check.detail.empty() ? "no result yet" : check.detail));
    }
  }

  // A member without a link is measured by the checks of its own service.
  void evaluate_own_sla() {
    status_.quality = quality_of(plan_, checks_, health_, checks_.size());
    if (!record_options_.sla) return;
    const SlaOptions& sla = plan_.options.sla_classes[*record_options_.sla];
    status_.next = update_sla(status_.own_sla, sla, status_.quality, now_);
    note_change_at(status_.own_sla.change_at);
    status_.excess = status_.own_sla.excess;
    if (status_.own_sla.violated)
      merge(MemberState::kDegraded, fmt::format("{}: {}", sla.name, status_.own_sla.reason));
  }

  // Overrides on the member itself come last and win.
  void apply_override() {
    if (!override_) return;
    switch (override_->kind) {
      case OverrideKind::kDown:
        status_.admin_down = true;
        result_ = {MemberState::kDown, fmt::format("down (override by {})", override_->by)};
        break;
      case OverrideKind::kUp:
        result_ = {MemberState::kUsable, fmt::format("up (override by {})", override_->by)};
        break;
      case OverrideKind::kDrain:
        merge(MemberState::kDrained, fmt::format("drained (override by {})", override_->by));
        break;
      case OverrideKind::kForce:
      case OverrideKind::kFreeze: return;
    }
    status_.report.standby = false;
  }

  const Plan& plan_;
  const RecordOptions& record_options_;
  const MemberOptions& options_;
  const std::vector<std::size_t>& checks_;
  const HealthState& health_;
  const std::vector<LinkStatus>& links_;
  const ActiveOverrides& active_overrides_;
  const std::optional<ActiveOverride>& override_;
  Instant now_;
  MemberStatus& status_;
  StateAndReason result_;
};

}  // namespace

std::uint32_t quality_rank(const LinkOptions& link) {
  return link.quality != 0 ? link.quality : static_cast<std::uint32_t>(link.link_class) + 1;
}

void evaluate_member(const Plan& plan, std::size_t record, std::size_t member, const HealthState& health,
                     const std::vector<LinkStatus>& links, const ActiveOverrides& active_overrides, Instant now,
                     MemberStatus& status) {
  MemberEvaluator(plan, record, member, health, links, active_overrides, now, status).evaluate();
}

}  // namespace server
