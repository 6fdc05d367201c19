// Damping and the last good answer: what a record serves while its members come and go.
#include <doctest/doctest.h>

#include "tests/support/steering.h"

using namespace steered;
using server::LinkClass;
using server::OverrideKind;
using server::Policy;
using server::VirtualRouterState;

namespace {

constexpr const char* kA = "10.255.0.1";
constexpr const char* kB = "10.255.0.2";
constexpr const char* kC = "10.255.0.3";

server::SteeringOptions without_failback_delay(Policy policy = Policy::kFailover) {
  server::SteeringOptions options = three_links(policy);
  options.records[0].failback_delay = 0s;
  return options;
}

// Link `a` goes down and up `times` times, a second apart. It ends up.
void flap(World& world, int times) {
  for (int i = 0; i < times; ++i) {
    world.down(kA);
    world.pass(1s);
    world.up(kA);
    world.pass(1s);
  }
}

}  // namespace

TEST_CASE("damping: a record that changes too often stays at the member that does not change") {
  World world(without_failback_delay());
  world.all_up();
  world.evaluate();
  world.pass(100s);
  flap(world, 3);
  CHECK(world.state() == "normal a");
  flap(world, 5);
  CHECK(world.report().transitions == 7);
  CHECK(world.state() == "frozen b");
  CHECK(world.report().ttl == 5);
  CHECK(
      world.report().rule ==
      "b; a is usable: link mpls is up; damped: 7 changes within 600 s; a better member must wait until the record did "
      "not change for 300 s");
  CHECK(world.report().frozen_by == "damped: 7 changes within 600 s");
  world.pass(400s);
  CHECK(world.state() == "normal a");
}

TEST_CASE("damping: a change to a better member that would be one too many is not made") {
  World world(without_failback_delay());
  world.all_up();
  world.down(kA);
  world.evaluate();
  CHECK(world.state() == "failed-over b");
  world.up(kA);
  world.pass(1s);
  for (int i = 0; i < 3; ++i) {
    world.down(kA);
    world.pass(1s);
    world.up(kA);
    world.pass(1s);
  }
  CHECK(world.state() == "frozen b");
  CHECK(world.report().transitions == 6);
}

TEST_CASE("damping: a damped record leaves a member that goes down at once") {
  World world(without_failback_delay());
  world.all_up();
  world.evaluate();
  world.pass(100s);
  flap(world, 4);
  REQUIRE(world.state() == "frozen b");
  world.down(kB);
  world.evaluate();
  CHECK(world.state() == "frozen c");  // not `a`, which changed its state all the time
  world.down(kC);
  world.evaluate();
  CHECK(world.state() == "frozen a");
  world.up(kB);
  world.up(kC);
  world.evaluate();
  CHECK(world.state() == "frozen a");
  world.down(kA);
  world.evaluate();
  CHECK(world.report().chosen == std::vector<std::size_t>{1});
  CHECK(world.report().ttl == 5);
}

TEST_CASE("damping: a damped record with several members drops only those that are down") {
  World world(without_failback_delay(Policy::kAll));
  world.all_up();
  world.evaluate();
  flap(world, 4);
  CHECK(world.state() == "frozen b c");
  world.down(kC);
  world.evaluate();
  CHECK(world.state() == "frozen b");
  world.up(kC);
  world.pass(10s);
  CHECK(world.state() == "frozen b");
}

TEST_CASE("damping: a drain by people takes effect on a damped record") {
  World world(without_failback_delay());
  world.all_up();
  world.evaluate();
  flap(world, 4);
  REQUIRE(world.state() == "frozen b");
  world.overrides = {{OverrideKind::kDrain, "vpn", "", std::nullopt, "kim"}};
  world.evaluate();
  CHECK(world.state() == "frozen c");
}

TEST_CASE("damping: when all members were down, the first usable one is chosen at once") {
  World world(without_failback_delay());
  world.all_up();
  world.evaluate();
  flap(world, 4);
  for (const char* target : {kA, kB, kC}) world.down(target);
  world.evaluate();
  CHECK(world.state() == "all-down b");
  world.pass(1s);
  world.up(kC);
  world.evaluate();
  CHECK(world.state() == "frozen c");
}

TEST_CASE("failback: a better member whose router takes over from a dead one is chosen at once") {
  for (const VirtualRouterState state :
       {VirtualRouterState::kSuspect, VirtualRouterState::kReleasing, VirtualRouterState::kNoActive}) {
    World world(router_pair());
    world.active(0, 1);
    world.evaluate();
    world.pass(100s);
    world.router_state(0, state);
    world.evaluate();
    world.pass(1s);
    world.active(0, 0);
    world.evaluate();
    CHECK(world.state() == "normal via-a");
  }
}

TEST_CASE("min-up: with too few usable members, the last good answer has only the usable ones") {
  server::SteeringOptions options = three_links(Policy::kAll);
  options.records[0].min_up = 2;
  World world(std::move(options));
  world.all_up();
  world.evaluate();
  world.pass(100s);
  world.down(kA);
  world.down(kB);
  world.evaluate();
  CHECK(world.state() == "all-down c");
  CHECK(world.report().rule == "1 of 3 members are usable, 2 needed: keeping the last good answer, c");
  world.pass(700s);
  CHECK(world.state() == "all-down c");
}

TEST_CASE("last good: members that fail together leave the answer that clients had before") {
  World world(three_links(Policy::kFailover));
  world.all_up();
  world.evaluate();
  world.pass(100s);
  for (const char* target : {kA, kB, kC}) {  // the probes report the common failure one after another
    world.down(target);
    world.evaluate();
    world.pass(2s);
  }
  CHECK(world.state() == "all-down a");
  CHECK(world.report().rule == "all members are down: keeping the last good answer, a");
  world.pass(600s);
  CHECK(world.state() == "all-down a b c");
  CHECK(world.report().rule == "all members are down for longer than all-down-hold: serving all members");
}

TEST_CASE("last good: a member that was served for longer than a failure needs to be found was good") {
  World world(three_links(Policy::kFailover));
  world.all_up();
  world.evaluate();
  world.down(kA);
  world.evaluate();
  world.pass(60s);
  world.down(kB);
  world.evaluate();
  world.pass(2s);
  world.down(kC);
  world.evaluate();
  CHECK(world.state() == "all-down b");
}

TEST_CASE("last good: without an earlier answer all members are served") {
  World world(three_links(Policy::kFailover));
  for (const char* target : {kA, kB, kC}) world.down(target);
  world.evaluate();
  CHECK(world.state() == "all-down a b c");
  world.pass(30s);
  CHECK(world.report().rule == "all members are down: serving all members");
}
