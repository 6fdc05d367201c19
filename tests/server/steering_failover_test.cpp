#include <doctest/doctest.h>

#include "tests/support/steering.h"

using namespace steered;
using server::VirtualRouterState;

TEST_CASE("failover: the answer follows the active router, and returns once, after the failback delay") {
  World world(router_pair());
  world.evaluate();
  CHECK(world.state() == "undecided");
  CHECK(world.decision.sets.empty());
  world.active(0, 0);
  world.evaluate();
  CHECK(world.state() == "normal via-a");
  REQUIRE(world.decision.sets.size() == 1);
  CHECK(text(world.decision.sets.front()->set.view()) == "203.0.113.10");
  CHECK(world.decision.sets.front()->set.ttl == 30);
  world.pass(600s);
  world.active(0, 1);
  world.evaluate();
  CHECK(world.state() == "failed-over via-b");
  CHECK(text(world.decision.sets.front()->set.view()) == "198.51.100.10");
  world.pass(600s);
  const std::uint64_t changes = world.report().transitions;
  world.active(0, 0);
  world.evaluate();
  CHECK(world.state() == "failed-over via-b");
  world.pass(59s);
  CHECK(world.state() == "failed-over via-b");
  CHECK(world.report().ttl == 5);
  world.pass(1s);
  CHECK(world.state() == "normal via-a");
  world.pass(600s);
  CHECK(world.report().transitions == changes + 1);
}

TEST_CASE("failover: with failback delay 0 the answer follows a preemption at once") {
  server::SteeringOptions options = router_pair();
  options.records[0].failback_delay = 0s;
  World world(std::move(options));
  world.active(0, 1);
  world.evaluate();
  CHECK(world.state() == "failed-over via-b");
  world.pass(1s);
  world.active(0, 0);
  world.evaluate();
  CHECK(world.state() == "normal via-a");
}

TEST_CASE("failover: the router states releasing, suspect, split and flapping keep the answer and lower its TTL") {
  for (const VirtualRouterState state : {VirtualRouterState::kReleasing, VirtualRouterState::kSuspect,
                                         VirtualRouterState::kSplit, VirtualRouterState::kFlapping}) {
    World world(router_pair());
    world.active(0, 0);
    world.evaluate();
    CHECK(world.report().ttl == 30);
    world.router_state(0, state);
    world.evaluate();
    CHECK(world.report().chosen == std::vector<std::size_t>{0});
    CHECK(world.report().ttl == 5);
    CHECK(world.report().transitions == 0);
    world.active(0, 0);
    world.pass(29s);
    CHECK(world.report().ttl == 5);
    world.pass(2s);
    CHECK(world.report().ttl == 30);
  }
}

TEST_CASE("failover: without an active router the last good answer is served, then all members") {
  World world(router_pair());
  world.active(0, 0);
  world.evaluate();
  world.inputs.routers[0] = {VirtualRouterState::kNoActive, std::nullopt, world.now, std::nullopt, "silence", false};
  world.evaluate();
  CHECK(world.state() == "all-down via-a");
  CHECK(world.report().ttl == 5);
  world.pass(599s);
  CHECK(world.state() == "all-down via-a");
  world.pass(2s);
  CHECK(world.state() == "all-down via-a via-b");
  world.active(0, 1);
  world.evaluate();
  CHECK(world.state() == "failed-over via-b");
}

TEST_CASE("failover: an unknown router state keeps the answer") {
  World world(router_pair());
  world.active(0, 1);
  world.evaluate();
  const server::ManagedRrsets before = world.decision.sets;
  world.inputs.routers[0] = {};
  world.evaluate();
  CHECK(world.state() == "failed-over via-b");
  CHECK(world.member_state(1) == "unknown");
  CHECK(world.decision.sets.front()->set.packed == before.front()->set.packed);
}

TEST_CASE("failover: a second evaluation of the same state gives the same decision without transitions") {
  World world(router_pair());
  world.active(0, 0);
  const auto first = world.evaluate().sets;
  CHECK(world.decision.transitions.size() == 4);  // router, two members, record
  const auto second = world.evaluate().sets;
  CHECK(first == second);
  CHECK(world.decision.transitions.empty());
}
