// A steered world in virtual time for the tests of steering: short functions for options, health that events change,
// and DNS answers as text.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "server/steering/evaluator.h"
#include "server/steering/words.h"
#include "zone/name/text.h"

namespace steered {

using std::chrono_literals::operator""ns;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;
using server::Duration;
using server::Instant;

inline boost::asio::ip::address address(const char* text) { return boost::asio::ip::make_address(text); }

inline server::CheckOptions check(const char* monitor, const char* target) {
  server::CheckOptions options;
  options.monitor.name = monitor;
  options.target = address(target);
  return options;
}

inline server::LinkOptions link(const char* name, server::LinkClass link_class, std::uint32_t cost,
                                const char* target) {
  server::LinkOptions options;
  options.name = name;
  options.link_class = link_class;
  options.cost = cost;
  options.probes = {check("ping", target)};
  return options;
}

inline server::VirtualRouterOptions virtual_router(const char* name) {
  server::VirtualRouterOptions options;
  options.name = name;
  options.routers = {{"rtr-a", {address("192.0.2.2")}}, {"rtr-b", {address("192.0.2.3")}}};
  return options;
}

inline server::MemberOptions member(const char* name, const char* at) {
  server::MemberOptions options;
  options.name = name;
  options.addresses = {address(at)};
  return options;
}

inline server::MemberOptions behind(server::MemberOptions options, std::size_t link) {
  options.link = link;
  return options;
}

inline server::MemberOptions routed(server::MemberOptions options, std::size_t virtual_router, std::size_t router) {
  options.routers = {{virtual_router, server::RouterNeed::kActive, router}};
  return options;
}

inline server::RecordOptions record(const char* owner, server::Policy policy,
                                    std::vector<server::MemberOptions> members) {
  server::RecordOptions options;
  options.owner = *dns::parse_name(owner);
  options.type = dns::Type::A;
  options.policy = policy;
  options.members = std::move(members);
  return options;
}

inline std::string text(const dns::RrsetView& set) {
  std::string words;
  for (const dns::Bytes rdata : set) {
    words += words.empty() ? "" : " ";
    for (std::size_t i = 0; i < rdata.size(); ++i) words += (i == 0 ? "" : ".") + std::to_string(rdata[i]);
  }
  return words.empty() ? "nodata" : words;
}

// True if both contain equal sets, even in different objects.
inline bool same(const server::ManagedRrsets& a, const server::ManagedRrsets& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const server::ManagedRrsetPtr& x, const server::ManagedRrsetPtr& y) { return *x == *y; });
}

class World {
 public:
  explicit World(server::SteeringOptions options) : plan(server::make_plan(std::move(options))), evaluator(plan) {
    inputs.routers.resize(plan.options.virtual_routers.size());
    inputs.checks.resize(plan.checks.size());
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void active(std::size_t virtual_router, std::size_t router) {
    inputs.routers[virtual_router] = {server::VirtualRouterState::kActive, router, now, std::nullopt, "heard", false};
  }
  void router_state(std::size_t virtual_router, server::VirtualRouterState state) {
    inputs.routers[virtual_router].state = state;
  }
  // Updates `lost_routers` after a change of the first virtual router.
  void note_lost_routers() {
    const server::VirtualRouterStatus& seen = inputs.routers[0];
    const bool silent =
        seen.state == server::VirtualRouterState::kSuspect || seen.state == server::VirtualRouterState::kReleasing;
    if (seen.state == server::VirtualRouterState::kNoActive) lost_routers = {0, 1};
    if (silent && seen.active) lost_routers.insert(*seen.active);
    if (seen.state == server::VirtualRouterState::kActive && seen.active) lost_routers.erase(*seen.active);
  }
  void health(const char* target, server::Health health) {
    for (std::size_t i = 0; i < plan.checks.size(); ++i) {
      if (plan.checks[i].target != address(target)) continue;
      inputs.checks[i].health = health;
      inputs.checks[i].since = now;
      inputs.checks[i].contrary_results = 0;
    }
  }
  void up(const char* target) { health(target, server::Health::kUp); }
  void down(const char* target) { health(target, server::Health::kDown); }
  void all_up() {
    for (server::CheckState& state : inputs.checks) state.health = server::Health::kUp;
    for (std::size_t i = 0; i < inputs.routers.size(); ++i) active(i, 0);
  }
  void quality(const char* target, Duration latency, Duration jitter, double loss) {
    for (std::size_t i = 0; i < plan.checks.size(); ++i) {
      if (plan.checks[i].target == address(target)) inputs.checks[i].quality = {100, latency, jitter, loss};
    }
  }

  const server::Decision& evaluate() {
    if (check_each_evaluation) compare_with_full_evaluation();
    decision = evaluator.evaluate(inputs, overrides, now, wall());
    for (const server::Transition& transition : decision.transitions) {
      if (transition.of == server::Transition::Of::kRecord) ++record_transitions;
    }
    return decision;
  }
  // Advances the time; the evaluator runs whenever it has requested a time.
  void pass(Duration span) {
    const Instant end = now + span;
    while (decision.next && *decision.next < end) {
      now = std::max(*decision.next, now + 1ns);
      evaluate();
    }
    now = end;
    evaluate();
  }

  std::chrono::system_clock::time_point wall() const {
    return std::chrono::system_clock::time_point{1800000000s} +
           std::chrono::duration_cast<std::chrono::system_clock::duration>(now.time_since_epoch());
  }
  const server::RecordReport& report(std::size_t record = 0) const { return evaluator.records()[record]; }
  // "normal via-a", "all-down via-a via-b"
  std::string state(std::size_t index = 0) const {
    std::string words(server::word(report(index).state));
    for (const std::size_t chosen : report(index).chosen)
      words += " " + plan.options.records[index].members[chosen].name;
    return words;
  }
  std::string member_state(std::size_t member, std::size_t index = 0) const {
    return std::string(server::word(report(index).members[member].state));
  }

  // A partial evaluation must give the same result as a full one: only records that depend on a change can change.
  void compare_with_full_evaluation() {
    server::Evaluator some = evaluator, all = evaluator;
    all.mark_all_dirty();
    const server::Decision of_some = some.evaluate(inputs, overrides, now, wall()),
                           of_all = all.evaluate(inputs, overrides, now, wall());
    if (!same(of_some.sets, of_all.sets)) disagreement = "a full evaluation gives other sets";
    if (of_some.transitions != of_all.transitions) disagreement = "a full evaluation gives other transitions";
    if (of_some.next != of_all.next) disagreement = "a full evaluation requests another time";
    for (std::size_t i = 0; i < some.records().size(); ++i) {
      if (!(some.records()[i] == all.records()[i]))
        disagreement =
            "a full evaluation gives another rule: " + some.records()[i].rule + " became " + all.records()[i].rule;
    }
  }

  server::Plan plan;
  server::Evaluator evaluator;
  server::HealthState inputs;
  std::vector<server::AdminOverride> overrides;
  std::set<std::size_t> lost_routers;  // of the first virtual router: silent or gave up, and not active again
  Instant now{1000s};
  server::Decision decision;
  std::size_t record_transitions = 0;
  bool check_each_evaluation = false;  // compares every evaluation with a full one
  std::string disagreement;            // the difference that it found
};

// Two routers in front of a site, each on its own line.
inline server::SteeringOptions router_pair() {
  server::SteeringOptions options;
  options.virtual_routers = {virtual_router("lan-gw")};
  options.records = {
      record("www.example.com", server::Policy::kFailover,
             {routed(member("via-a", "203.0.113.10"), 0, 0), routed(member("via-b", "198.51.100.10"), 0, 1)})};
  return options;
}

// Links a, b and c of decreasing class and cost, with a member behind each.
inline server::SteeringOptions three_links(server::Policy policy) {
  server::SteeringOptions options;
  options.links = {link("mpls", server::LinkClass::kMpls, 100, "10.255.0.1"),
                   link("vpn", server::LinkClass::kInternetVpn, 20, "10.255.0.2"),
                   link("net", server::LinkClass::kInternet, 10, "10.255.0.3")};
  options.records = {record(
      "app.example.com", policy,
      {behind(member("a", "10.0.0.1"), 0), behind(member("b", "10.0.0.2"), 1), behind(member("c", "10.0.0.3"), 2)})};
  return options;
}

}  // namespace steered
