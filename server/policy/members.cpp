#include "server/policy/members.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/policy/words.h"

namespace server {

namespace {

// What one piece of evidence says of a member.
struct Verdict {
  MemberState state = MemberState::kUsable;
  std::string reason;
};

// How much a verdict outweighs others.
int weight_of(MemberState state) {
  switch (state) {
    case MemberState::kUsable: return 0;
    case MemberState::kDegraded: return 1;
    case MemberState::kDrained: return 2;
    case MemberState::kUnknown: return 3;
    case MemberState::kDown: return 4;
  }
  return 4;
}

class MemberJudge {
 public:
  MemberJudge(const Plan& plan, std::size_t answer, std::size_t member, const Facts& facts, const std::vector<LinkStatus>& links,
              const Standing& standing, Instant now, MemberStatus& status)
      : plan_(plan), answer_options_(plan.options.answers[answer]), options_(answer_options_.members[member]),
        checks_(plan.member_checks[answer][member]), facts_(facts), links_(links), standing_(standing),
        order_(standing.members[answer][member]), now_(now), status_(status) {}

  void judge() {
    describe();
    for (const RouterRequirement& need : options_.routers) judge_router(need);
    const bool stands_by = status_.standby && verdict_.state == MemberState::kDown;
    const std::string standby_reason = verdict_.reason;
    if (stands_by) verdict_ = {};
    if (options_.link) judge_path(*options_.link);
    for (const std::size_t place : checks_) judge_check(place);
    if (!options_.link) judge_own_sla();
    status_.standby = stands_by && weight_of(verdict_.state) < weight_of(MemberState::kUnknown);
    if (stands_by) take(MemberState::kDown, standby_reason);
    obey();
    if (!status_.allowed) verdict_ = {MemberState::kDown, floor_reason()};
    if (status_.report.state != verdict_.state) status_.report.since = now_;
    status_.report.state = verdict_.state;
    if (verdict_.reason.empty()) verdict_.reason = "nothing to check";
    status_.report.reason = std::move(verdict_.reason);
  }

 private:
  void take(MemberState state, std::string reason) {
    if (verdict_.reason.empty() || weight_of(state) > weight_of(verdict_.state)) verdict_ = {state, std::move(reason)};
  }

  void may_turn(std::optional<Instant> at) {
    if (at) status_.change_at = std::min(status_.change_at.value_or(*at), *at);
  }

  // What the configuration says of it.
  void describe() {
    const LinkOptions* link = options_.link ? &plan_.options.links[*options_.link] : nullptr;
    const std::vector<LinkClass>& floor = answer_options_.allowed_classes;
    status_.allowed = floor.empty() || (link != nullptr && std::find(floor.begin(), floor.end(), link->link_class) != floor.end());
    status_.last_resort = link != nullptr && link->last_resort;
    status_.cost = link != nullptr ? link->cost : 0;
    status_.quality_rank = link != nullptr ? quality_rank(*link) : 0;
    status_.weight = options_.weight;
    status_.standby = status_.unsettled = status_.frozen = status_.ordered_down = false;
    status_.excess = 0;
    status_.quality = {};
    status_.change_at = status_.next = std::nullopt;
  }

  std::string floor_reason() const {
    if (!options_.link) return "no link: not of an allowed class";
    const LinkOptions& link = plan_.options.links[*options_.link];
    return fmt::format("link {} is {}: not an allowed class", link.name, word(link.link_class));
  }

  void judge_router(const RouterRequirement& need) {
    const VirtualRouterOptions& router = plan_.options.virtual_routers[need.virtual_router];
    const Observation& seen = facts_.routers[need.virtual_router];
    if (need.need == RouterNeed::kActive && ordered_router(need, router)) return;
    switch (seen.state) {
      case VirtualRouterState::kUnknown: return take(MemberState::kUnknown, fmt::format("{}: nothing heard yet", router.name));
      case VirtualRouterState::kNoActive: return take(MemberState::kDown, fmt::format("{} has no active router", router.name));
      case VirtualRouterState::kReleasing:
      case VirtualRouterState::kSuspect: status_.unsettled = true; break;
      case VirtualRouterState::kSplit:
      case VirtualRouterState::kFlapping: status_.unsettled = status_.frozen = true; break;
      case VirtualRouterState::kActive: break;
    }
    if (!seen.active) return nobody(seen.state, router);
    const std::string& active = router.routers[*seen.active].name;
    if (need.need == RouterNeed::kHasActive || need.router == *seen.active) {
      return take(MemberState::kUsable, fmt::format("{} is active on {}{}", active, router.name, doubt(seen.state)));
    }
    status_.standby = seen.state == VirtualRouterState::kActive;
    take(MemberState::kDown, fmt::format("{} is active on {}, not {}{}", active, router.name, router.routers[need.router].name, doubt(seen.state)));
  }

  static std::string doubt(VirtualRouterState state) {
    return state == VirtualRouterState::kActive ? "" : fmt::format(" ({})", word(state));
  }

  // No router counts as active though some were heard.
  void nobody(VirtualRouterState state, const VirtualRouterOptions& router) {
    const bool decided = state == VirtualRouterState::kSplit && router.on_split == OnSplit::kNone;
    take(decided ? MemberState::kDown : MemberState::kUnknown, fmt::format("{}: no router counts as active ({})", router.name, word(state)));
  }

  // Whether an order on the router decides this requirement.
  bool ordered_router(const RouterRequirement& need, const VirtualRouterOptions& router) {
    const std::optional<StandingOrder>& order = standing_.routers[need.virtual_router][need.router];
    if (!order) return false;
    const std::string& name = router.routers[need.router].name;
    switch (order->kind) {
      case OrderKind::kDown: take(MemberState::kDown, fmt::format("{}:{} is down by order of {}", router.name, name, order->by)); return true;
      case OrderKind::kUp: take(MemberState::kUsable, fmt::format("{}:{} is up by order of {}", router.name, name, order->by)); return true;
      case OrderKind::kDrain: take(MemberState::kDrained, fmt::format("{}:{} is drained by order of {}", router.name, name, order->by)); return false;
      case OrderKind::kForce:
      case OrderKind::kFreeze: return false;
    }
    return false;
  }

  void judge_path(std::size_t index) {
    const LinkStatus& link = links_[index];
    const std::string& name = plan_.options.links[index].name;
    status_.quality = link.report.quality;
    may_turn(link.change_at);
    if (link.order && link.order->kind == OrderKind::kDrain) take(MemberState::kDrained, fmt::format("link {} is drained by order of {}", name, link.order->by));
    if (link.report.state == LinkState::kDown) return take(MemberState::kDown, fmt::format("link {}: {}", name, link.report.reason));
    if (link.report.state == LinkState::kUnknown) return take(MemberState::kUnknown, fmt::format("link {}: {}", name, link.report.reason));
    const bool up_by_order = link.order && link.order->kind == OrderKind::kUp;
    if (answer_options_.sla && !up_by_order) judge_sla_of(index, link);
    take(MemberState::kUsable, fmt::format("link {} is up", name));
  }

  void judge_sla_of(std::size_t index, const LinkStatus& link) {
    const std::vector<std::size_t>& slas = plan_.link_slas[index];
    const std::size_t at = static_cast<std::size_t>(std::lower_bound(slas.begin(), slas.end(), *answer_options_.sla) - slas.begin());
    const SlaTrack& track = link.slas[at];
    status_.excess = track.excess;
    if (track.violated) take(MemberState::kDegraded, fmt::format("link {}: {}: {}", plan_.options.links[index].name, plan_.options.sla_classes[*answer_options_.sla].name, track.reason));
  }

  void judge_check(std::size_t place) {
    const CheckState& check = facts_.checks[place];
    const CheckOptions& options = plan_.checks[place];
    const std::string name = fmt::format("{} {}", options.monitor.name, options.target.to_string());
    may_turn(wavers(check, now_));
    switch (check.health) {
      case Health::kUp: return take(MemberState::kUsable, fmt::format("{} is up", name));
      case Health::kDown: return take(MemberState::kDown, fmt::format("{} is down{}{}", name, check.detail.empty() ? "" : ": ", check.detail));
      case Health::kUnknown: return take(MemberState::kUnknown, fmt::format("{}: no result yet", name));
    }
  }

  // Without a link the checks of the service itself are measured.
  void judge_own_sla() {
    std::vector<const CheckState*> states;
    for (const std::size_t place : checks_) states.push_back(&facts_.checks[place]);
    status_.quality = quality_of(states, states.size());
    if (!answer_options_.sla) return;
    const SlaOptions& sla = plan_.options.sla_classes[*answer_options_.sla];
    status_.next = judge_sla(status_.own_sla, sla, status_.quality, now_);
    may_turn(status_.next);
    status_.excess = status_.own_sla.excess;
    if (status_.own_sla.violated) take(MemberState::kDegraded, fmt::format("{}: {}", sla.name, status_.own_sla.reason));
  }

  // Orders on the member itself come last.
  void obey() {
    if (!order_) return;
    switch (order_->kind) {
      case OrderKind::kDown:
        status_.ordered_down = true;
        verdict_ = {MemberState::kDown, fmt::format("down by order of {}", order_->by)};
        break;
      case OrderKind::kUp: verdict_ = {MemberState::kUsable, fmt::format("up by order of {}", order_->by)}; break;
      case OrderKind::kDrain: take(MemberState::kDrained, fmt::format("drained by order of {}", order_->by)); break;
      case OrderKind::kForce:
      case OrderKind::kFreeze: return;
    }
    status_.standby = false;
  }

  const Plan& plan_;
  const AnswerOptions& answer_options_;
  const MemberOptions& options_;
  const std::vector<std::size_t>& checks_;
  const Facts& facts_;
  const std::vector<LinkStatus>& links_;
  const Standing& standing_;
  const std::optional<StandingOrder>& order_;
  Instant now_;
  MemberStatus& status_;
  Verdict verdict_;
};

}  // namespace

std::uint32_t quality_rank(const LinkOptions& link) {
  return link.quality != 0 ? link.quality : static_cast<std::uint32_t>(link.link_class) + 1;
}

void judge_member(const Plan& plan, std::size_t answer, std::size_t member, const Facts& facts, const std::vector<LinkStatus>& links,
                  const Standing& standing, Instant now, MemberStatus& status) {
  MemberJudge(plan, answer, member, facts, links, standing, now, status).judge();
}

}  // namespace server
