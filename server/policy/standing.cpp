#include "server/policy/standing.h"

#include <algorithm>

namespace server {

namespace {

class Resolver {
 public:
  Resolver(const SteeringOptions& options, Standing& standing) : options_(options), standing_(standing) {
    standing.links.resize(options.links.size());
    for (const VirtualRouterOptions& router : options.virtual_routers) standing.routers.emplace_back(router.routers.size());
    for (std::size_t i = 0; i < options.answers.size(); ++i) {
      names_.push_back(answer_name(options, i));
      standing.members.emplace_back(options.answers[i].members.size());
    }
    standing.forces.resize(names_.size());
    standing.freezes.resize(names_.size());
  }

  void take(const Order& order, std::optional<Instant> until) {
    switch (order.kind) {
      case OrderKind::kForce: return force(order, until);
      case OrderKind::kFreeze: return freeze(order, until);
      case OrderKind::kDrain:
      case OrderKind::kDown:
      case OrderKind::kUp: return health(order);
    }
  }

  // Members that "*:NAME" means, unless an order names them in their answer.
  void take_everywhere(const Order& order) {
    const std::string_view member = std::string_view(order.subject).substr(2);
    for (std::size_t i = 0; i < names_.size(); ++i) set_member(i, member, {order.kind, order.by});
  }

 private:
  void force(const Order& order, std::optional<Instant> until) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] != order.subject) continue;
      const std::vector<MemberOptions>& members = options_.answers[i].members;
      for (std::size_t m = 0; m < members.size(); ++m) {
        if (members[m].name == order.member) standing_.forces[i] = StandingForce{m, order.by, until};
      }
    }
  }

  void freeze(const Order& order, std::optional<Instant> until) {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (order.subject == "*" || names_[i] == order.subject) standing_.freezes[i] = StandingFreeze{order.by, until};
    }
  }

  void health(const Order& order) {
    const StandingOrder standing{order.kind, order.by};
    for (std::size_t i = 0; i < options_.links.size(); ++i) {
      if (options_.links[i].name == order.subject) standing_.links[i] = standing;
    }
    const std::size_t colon = order.subject.rfind(':');
    if (colon == std::string::npos) return;
    const std::string_view whole = order.subject, before = whole.substr(0, colon), after = whole.substr(colon + 1);
    for (std::size_t i = 0; i < options_.virtual_routers.size(); ++i) {
      if (options_.virtual_routers[i].name == before) set_router(i, after, standing);
    }
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == before) set_member(i, after, standing);
    }
  }

  void set_router(std::size_t virtual_router, std::string_view name, const StandingOrder& order) {
    const std::vector<RouterOptions>& routers = options_.virtual_routers[virtual_router].routers;
    for (std::size_t i = 0; i < routers.size(); ++i) {
      if (routers[i].name == name) standing_.routers[virtual_router][i] = order;
    }
  }

  void set_member(std::size_t answer, std::string_view name, const StandingOrder& order) {
    const std::vector<MemberOptions>& members = options_.answers[answer].members;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (members[i].name == name) standing_.members[answer][i] = order;
    }
  }

  const SteeringOptions& options_;
  Standing& standing_;
  std::vector<std::string> names_;
};

bool is_everywhere(const Order& order) {
  const bool health = order.kind == OrderKind::kDrain || order.kind == OrderKind::kDown || order.kind == OrderKind::kUp;
  return health && order.subject.starts_with("*:");
}

}  // namespace

Standing resolve(const SteeringOptions& options, const std::vector<Order>& orders, Instant now, std::chrono::system_clock::time_point wall) {
  Standing standing;
  Resolver resolver(options, standing);
  const auto in_force = [&](const Order& order) { return !order.until || *order.until > wall; };
  for (const Order& order : orders) {
    if (in_force(order) && is_everywhere(order)) resolver.take_everywhere(order);
  }
  for (const Order& order : orders) {
    if (!in_force(order)) continue;
    std::optional<Instant> until;
    if (order.until) {
      until = now + std::min<Duration>(*order.until - wall, std::chrono::hours{24});   // looked at again then
      standing.next_end = std::min(standing.next_end.value_or(*until), *until);
    }
    if (!is_everywhere(order)) resolver.take(order, until);
  }
  return standing;
}

}  // namespace server
