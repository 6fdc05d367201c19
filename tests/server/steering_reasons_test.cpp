// The texts that say why a record is in its state: each state and each cause once.
#include <functional>

#include <doctest/doctest.h>

#include "tests/support/steering.h"

using namespace steered;
using server::AllDown;
using server::OverrideKind;
using server::Policy;
using server::VirtualRouterState;

namespace {

constexpr const char* kA = "10.255.0.1";
constexpr const char* kB = "10.255.0.2";
constexpr const char* kC = "10.255.0.3";

server::SteeringOptions links(std::function<void(server::RecordOptions&)> change = {}) {
  server::SteeringOptions options = three_links(Policy::kFailover);
  options.sla_classes = {{"voice", server::Bounds{0.150, 0.100}, {}, server::Bounds{0.01, 0.003}, 3, 5}};
  if (change) change(options.records[0]);
  return options;
}

server::SteeringOptions all_down(AllDown policy) {
  return links([=](server::RecordOptions& record) { record.all_down = policy; });
}

void begin(World& world) {
  world.all_up();
  for (const char* target : {kA, kB, kC}) world.quality(target, 20ms, 1ms, 0);
  world.evaluate();
  world.pass(100s);
}

void fail(World& world, std::initializer_list<const char*> targets) {
  for (const char* target : targets) world.down(target);
  world.evaluate();
}

void order(World& world, OverrideKind kind, const char* subject, const char* member = "") {
  world.overrides = {{kind, subject, member, std::nullopt, "kim"}};
  world.evaluate();
}

std::string told(server::SteeringOptions options, const std::function<void(World&)>& course) {
  World world(std::move(options));
  course(world);
  std::string words = std::string(server::word(world.report().state)) + ": " + world.report().rule;
  if (!world.report().frozen_by.empty()) words += " [" + world.report().frozen_by + "]";
  return words;
}

struct Row {
  server::SteeringOptions options;
  std::function<void(World&)> course;
  const char* told;
};

void check_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) CHECK(told(row.options, row.course) == row.told);
}

}  // namespace

TEST_CASE("reasons: records behind virtual routers") {
  const auto split = [](VirtualRouterState state) {
    return [state](World& world) {
      world.active(0, 0);
      world.evaluate();
      world.router_state(0, state);
      world.evaluate();
    };
  };
  check_rows({
      {router_pair(), [](World& world) { world.evaluate(); },
       "undecided: serving the zone file's records until the inputs are known: via-a: lan-gw: nothing heard yet; "
       "via-b: lan-gw: nothing heard yet"},
      {router_pair(),
       [](World& world) {
         world.inputs.routers[0].reason = "cannot receive advertisements";
         world.evaluate();
       },
       "undecided: serving the zone file's records until the inputs are known: via-a: lan-gw: cannot receive "
       "advertisements; via-b: lan-gw: cannot receive advertisements"},
      {router_pair(),
       [](World& world) {
         world.active(0, 1);
         world.evaluate();
       },
       "failed-over: via-b; via-a is down: rtr-b is active on lan-gw, not rtr-a"},
      {router_pair(),
       [](World& world) {
         world.active(0, 1);
         world.evaluate();
         world.active(0, 0);
         world.evaluate();
       },
       "failed-over: via-b; via-a is usable: rtr-a is active on lan-gw; via-a must first be usable for the failback "
       "delay"},
      {router_pair(), split(VirtualRouterState::kSplit), "frozen: via-a [virtual router lan-gw is split]"},
      {router_pair(), split(VirtualRouterState::kFlapping), "frozen: via-a [virtual router lan-gw is flapping]"},
  });
}

TEST_CASE("reasons: records behind links") {
  check_rows({
      {links(), begin, "normal: a"},
      {links(),
       [](World& world) {
         begin(world);
         fail(world, {kA});
       },
       "failed-over: b; a is down: link mpls: 0 of 1 targets answer, 1 needed: 10.255.0.1 down"},
      {links([](server::RecordOptions& record) { record.sla = 0; }),
       [](World& world) {
         begin(world);
         for (const char* target : {kA, kB, kC}) world.quality(target, 20ms, 1ms, 0.05);
         world.evaluate();
         world.pass(10s);
       },
       "degraded: a, the smallest violation: no member meets the SLA"},
      {links([](server::RecordOptions& record) { record.hold_down = 60s; }),
       [](World& world) {
         world.all_up();
         fail(world, {kA});
         world.up(kA);
         world.evaluate();
       },
       "failed-over: b; a is usable: link mpls is up; waiting for the end of the hold-down time"},
      {links(),
       [](World& world) {
         begin(world);
         order(world, OverrideKind::kDrain, "mpls");
       },
       "failed-over: b; a is drained: link mpls is drained (override by kim)"},
      {links(),
       [](World& world) {
         begin(world);
         order(world, OverrideKind::kForce, "app.example.com/A", "c");
       },
       "forced: forced to c (override by kim); it is usable: link net is up"},
      {links(),
       [](World& world) {
         begin(world);
         order(world, OverrideKind::kFreeze, "*");
       },
       "frozen: frozen (override by kim) [override by kim]"},
  });
}

TEST_CASE("reasons: records whose members are all down") {
  const auto course = [](World& world) {
    begin(world);
    fail(world, {kA, kB, kC});
  };
  check_rows({
      {all_down(AllDown::kLastGood), course, "all-down: all members are down: keeping the last good answer, a"},
      {all_down(AllDown::kLastGood), [](World& world) { fail(world, {kA, kB, kC}); },
       "all-down: all members are down: serving all members"},
      {all_down(AllDown::kLastGood),
       [&](World& world) {
         course(world);
         world.pass(601s);
       },
       "all-down: all members are down for longer than all-down-hold: serving all members"},
      {all_down(AllDown::kLastGood),
       [](World& world) {
         begin(world);
         fail(world, {kA, kB, kC});
         world.health(kC, server::Health::kUnknown);
         world.evaluate();
       },
       "all-down: no member is usable, and some are unknown: keeping the last good answer, a"},
      {all_down(AllDown::kAll), course, "all-down: all members are down: serving all members"},
      {all_down(AllDown::kNodata), course, "all-down: all members are down: answering NODATA"},
      {all_down(AllDown::kDefault), course, "all-down: all members are down: serving the zone file's records"},
      {links([](server::RecordOptions& record) { record.min_up = 2; }),
       [](World& world) {
         begin(world);
         fail(world, {kB, kC});
       },
       "all-down: 1 of 3 members are usable, 2 needed: keeping the last good answer, a"},
  });
}
