// Random sequences of events, with invariants that hold after each event. WAYMARK_SEQUENCES sets the number of
// sequences.
#include <memory>
#include <random>

#include <doctest/doctest.h>

#include "server/steering/simulate.h"
#include "tests/support/repetitions.h"
#include "tests/support/steering.h"

using namespace steered;
using server::Policy;
using server::VirtualRouterState;

namespace {

inline constexpr unsigned kSeed = 20261122;
inline constexpr std::size_t kSlowCheckInterval = 50;  // sequences; the check is slow

server::SteeringOptions mixed(std::mt19937& random) {
  server::SteeringOptions options = three_links(static_cast<Policy>(random() % 5));
  options.sla_classes = {{"voice", server::Bounds{0.150, 0.100}, {}, server::Bounds{0.01, 0.003}, 3, 5}};
  options.views.resize(1);
  options.views[0].name = "closed";
  server::RecordOptions& first = options.records[0];
  if (random() % 2 == 0) first.sla = 0;
  if (random() % 3 == 0) first.allowed_classes = {server::LinkClass::kMpls, server::LinkClass::kInternetVpn};
  if (random() % 3 == 0) first.migrate = server::Migration{0, 1, static_cast<unsigned>(random() % 101)};
  options.links[0].last_resort = random() % 4 == 0;
  first.if_none = static_cast<server::IfNone>(random() % 3);
  first.all_down = static_cast<server::AllDown>(random() % 4);
  first.failback_delay = std::chrono::seconds(random() % 90);
  first.hold_down = std::chrono::seconds(random() % 20);
  first.min_up = static_cast<unsigned>(1 + random() % 2);
  first.damp_transitions = static_cast<unsigned>(random() % 4);
  if (random() % 2 == 0) {
    options.records.push_back(record("app.example.com", Policy::kWeighted,
                                     {behind(member("a", "10.1.0.1"), 0), behind(member("b", "10.1.0.2"), 1)}));
    options.records.back().view = 0;
  }
  server::SteeringOptions pair = router_pair();
  options.virtual_routers = pair.virtual_routers;
  options.records.push_back(pair.records[0]);
  options.records.back().damp_transitions = static_cast<unsigned>(random() % 4);
  options.records.back().failback_delay = std::chrono::seconds(random() % 90);
  return options;
}

void alter(World& world, std::mt19937& random) {
  server::CheckState& check = world.inputs.checks[random() % world.inputs.checks.size()];
  switch (random() % 6) {
    case 0:
      check.health = static_cast<server::Health>(random() % 3);
      check.contrary_results = 0;
      break;
    case 1:
      check.contrary_results = static_cast<unsigned>(random() % 3);
      check.may_change = world.now + std::chrono::seconds(random() % 60);
      break;
    case 2:
      check.quality = {50, std::chrono::milliseconds(random() % 300), 1ms, static_cast<double>(random() % 100) / 2000};
      break;
    case 3:
      world.inputs.routers[0].state = static_cast<VirtualRouterState>(random() % 7);
      world.inputs.routers[0].active = random() % 4 == 0 ? std::nullopt : std::optional<std::size_t>(random() % 2);
      world.note_lost_routers();
      break;
    case 4: {
      static constexpr const char* subjects[] = {"mpls",         "vpn",    "app.example.com/A:a", "*:b",
                                                 "lan-gw:rtr-a", "nobody", "app.example.com/A",   "*"};
      server::AdminOverride entry{static_cast<server::OverrideKind>(random() % 5), subjects[random() % 8],
                                  random() % 2 == 0 ? "a" : "c", std::nullopt, "x"};
      if (random() % 2 == 0) entry.until = world.wall() + std::chrono::seconds(random() % 100);
      world.overrides.push_back(entry);
      break;
    }
    case 5: world.overrides.clear(); break;
  }
}

bool is_allowed(const World& world, std::size_t index, std::size_t member) {
  const server::RecordOptions& record = world.plan.options.records[index];
  if (record.allowed_classes.empty()) return true;
  const auto link_class = world.plan.options.links[*record.members[member].link].link_class;
  return std::find(record.allowed_classes.begin(), record.allowed_classes.end(), link_class) !=
         record.allowed_classes.end();
}

bool is_usable(server::MemberState state) {
  return state == server::MemberState::kUsable || state == server::MemberState::kDegraded ||
         state == server::MemberState::kDrained;
}

// True if the record may serve a member that is down while another one is usable.
bool may_keep_dead(const World& world, std::size_t index) {
  const server::RecordOptions& options = world.plan.options.records[index];
  const server::ActiveOverrides& overrides = world.evaluator.active_overrides();
  if (overrides.forces[index] || overrides.freezes[index]) return true;  // ordered by people
  const server::RecordReport& report = world.report(index);
  if (report.state == server::RecordState::kUndecided) return true;
  if (report.state == server::RecordState::kAllDown && options.all_down == server::AllDown::kAll) return true;
  // The router of the chosen member is alive: the better member's router preempted it.
  return options.members[0].routers.size() == 1 && report.chosen == std::vector<std::size_t>{1} &&
         world.inputs.routers[0].state == VirtualRouterState::kActive && world.inputs.routers[0].active == 0 &&
         !world.lost_routers.contains(1) && report.members[1].reason.starts_with("rtr-a is active");
}

// The first served member that is known to be down while another one is usable.
std::string served_dead_member(const World& world) {
  for (std::size_t i = 0; i < world.plan.options.records.size(); ++i) {
    const auto& members = world.report(i).members;
    const bool other = std::any_of(members.begin(), members.end(), [](const auto& m) { return is_usable(m.state); });
    for (const std::size_t member : world.report(i).chosen) {
      if (!other || members[member].state != server::MemberState::kDown || may_keep_dead(world, i)) continue;
      return "serves a dead member: " + world.report(i).rule;
    }
  }
  return {};
}

// The first violated invariant; empty if all hold.
std::string violation(const World& world) {
  for (const server::ManagedRrsetPtr& shared : world.decision.sets) {
    const server::ManagedRrset& managed = *shared;
    if (managed.set.count == 0 && !managed.choice) return "an empty RRset";
    if (managed.set.count > 0 && (managed.set.ttl < 5 || managed.set.ttl > 30)) return "a TTL out of range";
    if (!managed.choice) continue;
    if (managed.choice->variants.size() > 255) return "too many variants";
    for (const dns::Rrset& variant : managed.choice->variants) {
      if (variant.ttl < 5 || variant.ttl > 30) return "a TTL out of range";
    }
    for (const dns::ViewRule& rule : managed.choice->rules) {
      for (const std::uint8_t slot : rule.slots) {
        if (slot >= managed.choice->variants.size()) return "a slot without a variant";
      }
    }
  }
  for (std::size_t i = 0; i < world.plan.options.records.size(); ++i) {
    for (const std::size_t member : world.report(i).chosen) {
      if (!is_allowed(world, i, member)) return "a member with an excluded link class";
    }
  }
  return served_dead_member(world);
}

std::size_t sequences() { return ::dns::test::repetitions(2000, "WAYMARK_SEQUENCES"); }

// Restores the saved state into a new evaluator. Its decision must be the same.
std::string restart(World& world) {
  const std::string saved = world.evaluator.save(world.now, world.wall());
  server::Evaluator next(world.plan);
  if (!next.restore(saved, world.now, world.wall())) return "the saved state cannot be restored";
  const auto before = world.evaluate().sets;
  const auto reports = world.evaluator.records();
  world.evaluator = next;
  if (same(world.evaluate().sets, before)) return {};
  std::string fault = "a different decision after a restart:";
  for (std::size_t i = 0; i < reports.size(); ++i)
    fault += "\n" + reports[i].rule + " TTL " + std::to_string(reports[i].ttl) + " became " + world.report(i).rule +
             " TTL " + std::to_string(world.report(i).ttl);
  return fault;
}

// A world with another plan that has some of the same names. It restores the saved state and gets the same inputs.
std::unique_ptr<World> reloaded(const World& world, server::SteeringOptions options) {
  auto next = std::make_unique<World>(std::move(options));
  next->now = world.now;
  next->overrides = world.overrides;
  next->inputs.routers = world.inputs.routers;
  next->lost_routers = world.lost_routers;
  for (std::size_t i = 0; i < next->plan.checks.size(); ++i) {
    const auto known = std::find(world.plan.checks.begin(), world.plan.checks.end(), next->plan.checks[i]);
    if (known != world.plan.checks.end())
      next->inputs.checks[i] = world.inputs.checks[static_cast<std::size_t>(known - world.plan.checks.begin())];
  }
  REQUIRE(next->evaluator.restore(world.evaluator.save(world.now, world.wall()), next->now, next->wall()).has_value());
  next->evaluate();
  return next;
}

}  // namespace

TEST_CASE(
    "sequences: random events give no empty RRset, no invalid TTL, no excluded or dead member, and stable decisions") {
  std::mt19937 random(kSeed);
  for (std::size_t sequence = 0; sequence < sequences(); ++sequence) {
    auto current = std::make_unique<World>(mixed(random));
    std::string fault;
    for (int event = 0; event < 12 && fault.empty(); ++event) {
      if (random() % 10 == 0) current = reloaded(*current, mixed(random));
      World& world = *current;
      world.check_each_evaluation = sequence % kSlowCheckInterval == 0;
      alter(world, random);
      world.pass(std::chrono::milliseconds(random() % 20'000));
      fault = violation(world);
      const auto sets = world.decision.sets;
      const std::string state = world.report().rule;
      if (fault.empty() && (world.evaluate().sets != sets || !world.decision.transitions.empty()))
        fault = "not idempotent: " + state + " became " + world.report().rule;
      if (fault.empty() && random() % 8 == 0) fault = restart(world);
      if (fault.empty()) fault = world.disagreement;
    }
    CAPTURE(sequence);
    REQUIRE(fault == "");
  }
}

TEST_CASE("simulate: predicts the real decision and does not change the evaluator") {
  World world(router_pair());
  world.active(0, 0);
  world.inputs.routers[0].may_change = world.now + 2s;
  world.evaluate();
  const std::string before = world.evaluator.save(world.now, world.wall());
  const server::SimulationStart start{world.inputs, world.overrides, world.now, world.wall()};
  const auto simulated =
      server::simulate(world.evaluator, start, {{server::FailureKind::kRouter, "lan-gw:rtr-a", 0s}}, 300s);
  REQUIRE(simulated.has_value());
  CHECK(world.evaluator.save(world.now, world.wall()) == before);
  CHECK(simulated->records[0].before.members == std::vector<std::size_t>{0});
  CHECK(simulated->records[0].after.members == std::vector<std::size_t>{1});
  CHECK(simulated->records[0].detection == Duration(4s));
  CHECK(simulated->records[0].exposure == Duration(34s));
  const auto none =
      server::simulate(world.evaluator, start, {{server::FailureKind::kVirtualRouter, "lan-gw", 0s}}, 700s);
  REQUIRE(none.has_value());
  CHECK(none->records[0].after.state == server::RecordState::kAllDown);
  CHECK(none->records[0].after.members.size() == 2);
  CHECK(server::simulate(world.evaluator, start, {{server::FailureKind::kRouter, "lan-gw:rtr-c", 0s}}, 1s)
            .error()
            .failure == 0);
  CHECK(server::simulate(world.evaluator, start, {{server::FailureKind::kRouter, "lan-gw:rtr-b", 0s}}, 1s)
            ->undetected.size() == 1);
  world.active(0, 1);
  world.pass(4s);
  CHECK(world.report().chosen == simulated->records[0].after.members);
}

TEST_CASE("simulate: a failed link takes its members down after its checks fail") {
  World world(three_links(Policy::kFailover));
  world.all_up();
  world.evaluate();
  const server::SimulationStart start{world.inputs, world.overrides, world.now, world.wall()};
  const auto simulated = server::simulate(world.evaluator, start, {{server::FailureKind::kLink, "mpls", 10s}}, 100s);
  REQUIRE(simulated.has_value());
  CHECK(simulated->records[0].detection == Duration(17s));  // three intervals of 5 s and a timeout of 2 s
  CHECK(simulated->records[0].after.members == std::vector<std::size_t>{1});
  CHECK(text(simulated->sets.front()->set.view()) == "10.0.0.2");
}
