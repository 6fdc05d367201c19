#include <set>

#include <doctest/doctest.h>

#include "tests/support/steering.h"

using namespace steered;
using server::AdminOverride;
using server::AllDown;
using server::IfNone;
using server::LinkClass;
using server::OverrideKind;
using server::Policy;
using server::Prefer;

namespace {

constexpr const char* kA = "10.255.0.1";
constexpr const char* kB = "10.255.0.2";
constexpr const char* kC = "10.255.0.3";

// The number of slots, out of the 256 slots of a rule, that have each address set.
std::map<std::string, int> slots(const server::ManagedRrset& managed, std::size_t rule = 0) {
  std::map<std::string, int> count;
  for (const std::uint8_t slot : managed.choice->rules[rule].slots)
    ++count[text(managed.choice->variants[slot].view())];
  return count;
}

server::SteeringOptions with_sla(Policy policy) {
  server::SteeringOptions options = three_links(policy);
  options.sla_classes = {{"voice", server::Bounds{0.150, 0.100}, {}, server::Bounds{0.01, 0.003}, 3, 5}};
  options.records[0].sla = 0;
  return options;
}

AdminOverride entry(OverrideKind kind, const char* subject, const char* member = "") {
  return {kind, subject, member, std::nullopt, "kim"};
}

}  // namespace

TEST_CASE("policy: each policy selects its members from three usable ones") {
  struct Row {
    Policy policy;
    Prefer prefer;
    const char* state;
  };
  static constexpr Row rows[] = {
      {Policy::kFailover, Prefer::kOrder, "normal a"},    {Policy::kFailover, Prefer::kQuality, "normal a"},
      {Policy::kFailover, Prefer::kCost, "normal c"},     {Policy::kWeighted, Prefer::kOrder, "normal a b c"},
      {Policy::kAll, Prefer::kOrder, "normal a b c"},     {Policy::kLowestCostSla, Prefer::kOrder, "normal c"},
      {Policy::kBestQuality, Prefer::kOrder, "normal b"}, {Policy::kStatic, Prefer::kOrder, "normal a b c"},
  };
  for (const Row& row : rows) {
    server::SteeringOptions options = three_links(row.policy);
    options.records[0].prefer = row.prefer;
    World world(std::move(options));
    world.all_up();
    world.quality(kA, 50ms, 1ms, 0);
    world.quality(kB, 20ms, 1ms, 0);
    world.quality(kC, 20ms, 1ms, 0.05);
    world.evaluate();
    CHECK(world.state() == row.state);
  }
}

TEST_CASE("policy: a failed link removes its member at once, and the member returns after the failback delay") {
  World world(three_links(Policy::kAll));
  world.all_up();
  world.evaluate();
  world.down(kB);
  world.evaluate();
  CHECK(world.state() == "failed-over a c");
  world.pass(60s);
  world.up(kB);
  world.evaluate();
  CHECK(world.state() == "failed-over a c");
  world.pass(60s);
  CHECK(world.state() == "normal a b c");
}

TEST_CASE("policy: with reliability 2 of 3, a failed and an unknown target keep the answer, two failed change it") {
  server::SteeringOptions options = three_links(Policy::kFailover);
  options.links[0].probes = {check("ping", "192.0.2.1"), check("ping", "192.0.2.2"), check("ping", "192.0.2.3")};
  options.links[0].reliability = 2;
  World world(std::move(options));
  world.all_up();
  world.evaluate();
  CHECK(world.state() == "normal a");
  world.down("192.0.2.1");
  world.evaluate();
  CHECK(world.state() == "normal a");
  world.health("192.0.2.2", server::Health::kUnknown);
  world.evaluate();
  CHECK(world.state() == "normal a");
  CHECK(world.evaluator.links()[0].state == server::LinkState::kUnknown);
  world.down("192.0.2.2");
  world.evaluate();
  CHECK(world.state() == "failed-over b");
}

TEST_CASE("policy: slots match the weights within 1 of 256; one remaining member needs no client choice") {
  server::SteeringOptions options = router_pair();
  options.virtual_routers.push_back(virtual_router("lan-gw2"));
  options.records[0].policy = Policy::kWeighted;
  options.records[0].members[0].weight = 70;
  options.records[0].members[1] = routed(member("via-b", "198.51.100.10"), 1, 1);
  options.records[0].members[1].weight = 30;
  World world(std::move(options));
  world.active(0, 0);
  world.active(1, 1);
  const server::ManagedRrset both = *world.evaluate().sets.front();
  CHECK(text(both.set.view()) == "198.51.100.10 203.0.113.10");
  REQUIRE(both.choice.has_value());
  std::map<std::string, int> share = slots(both);
  CHECK(share["203.0.113.10"] >= 178);
  CHECK(share["203.0.113.10"] <= 180);
  world.active(0, 1);
  const server::ManagedRrset one = *world.evaluate().sets.front();
  CHECK(text(one.set.view()) == "198.51.100.10");
  CHECK(!one.choice.has_value());
}

TEST_CASE("policy: only the clients of a failed member move, and they move back when it recovers") {
  server::SteeringOptions options = three_links(Policy::kWeighted);
  const std::uint32_t weights[] = {50, 30, 20};
  for (std::size_t i = 0; i < 3; ++i) options.records[0].members[i].weight = weights[i];
  options.records[0].failback_delay = {};
  World world(std::move(options));
  world.all_up();
  const auto places = [&] {
    std::vector<std::string> at;
    const server::ManagedRrset managed = *world.evaluate().sets.front();
    for (const std::uint8_t slot : managed.choice->rules[0].slots)
      at.push_back(text(managed.choice->variants[slot].view()));
    return at;
  };
  const std::vector<std::string> before = places();
  for (const auto& [target, address] :
       {std::pair(kA, "10.0.0.1"), std::pair(kB, "10.0.0.2"), std::pair(kC, "10.0.0.3")}) {
    world.down(target);
    const std::vector<std::string> without = places();
    for (std::size_t slot = 0; slot < before.size(); ++slot) {
      if (before[slot] == address) CHECK(without[slot] != address);
      else CHECK(without[slot] == before[slot]);
    }
    world.up(target);
    CHECK(places() == before);
  }
}

TEST_CASE("policy: a migration moves its percentage of clients, and a higher percentage moves no client back") {
  std::set<std::size_t> moved;
  for (const unsigned percent : {0U, 10U, 25U, 60U, 100U}) {
    server::SteeringOptions options = three_links(Policy::kLowestCostSla);
    options.records[0].migrate = server::Migration{0, 2, percent};
    World world(std::move(options));
    world.all_up();
    const server::ManagedRrset managed = *world.evaluate().sets.front();
    std::set<std::size_t> now_moved;
    for (std::size_t i = 0; i < dns::kChoiceSlots; ++i) {
      const dns::Rrset& set =
          managed.choice ? managed.choice->variants[managed.choice->rules[0].slots[i]] : managed.set;
      if (text(set.view()) == "10.0.0.3") now_moved.insert(i);
    }
    CHECK(std::abs(static_cast<int>(now_moved.size()) - static_cast<int>(percent * 256 / 100)) <= 1);
    for (const std::size_t slot : moved) CHECK(now_moved.contains(slot));
    moved = now_moved;
    world.down(kC);
    world.evaluate();
    CHECK(world.report().chosen == std::vector<std::size_t>{percent == 100 ? 1U : 0U});
  }
}

TEST_CASE("policy: a violated SLA degrades the member after the bad windows, and good windows restore it") {
  World world(with_sla(Policy::kFailover));
  world.all_up();
  for (const char* target : {kA, kB, kC}) world.quality(target, 20ms, 1ms, 0);
  world.evaluate();
  CHECK(world.state() == "normal a");
  world.pass(100s);
  world.quality(kA, 20ms, 1ms, 0.05);
  world.evaluate();
  CHECK(world.state() == "normal a");
  CHECK(world.report().ttl == 5);
  world.pass(2s);
  CHECK(world.state() == "normal a");
  world.pass(1s);
  CHECK(world.state() == "failed-over b");
  CHECK(world.report().members[0].reason == "link mpls: voice: loss 5.0% over 1.0%");
  world.quality(kA, 20ms, 1ms, 0.005);  // between good and bad: still violated
  world.pass(20s);
  CHECK(world.member_state(0) == "degraded");
  world.quality(kA, 20ms, 1ms, 0);
  world.evaluate();
  world.pass(5s);
  CHECK(world.member_state(0) == "usable");
  world.pass(59s);
  CHECK(world.state() == "failed-over b");
  world.pass(2s);
  CHECK(world.state() == "normal a");
}

TEST_CASE("policy: a measurement that oscillates around a threshold changes the answer at most once") {
  for (const Duration period : {1s, 2s, 4s, 7s}) {
    World world(with_sla(Policy::kFailover));
    world.all_up();
    for (const char* target : {kA, kB, kC}) world.quality(target, 20ms, 1ms, 0);
    world.evaluate();
    world.pass(100s);
    for (int i = 0; i < 200; ++i) {
      world.quality(kA, 20ms, 1ms, i % 2 == 0 ? 0.011 : 0.009);
      world.pass(period);
    }
    CHECK(world.report().transitions <= 1);
  }
}

TEST_CASE("policy: records with different SLA classes choose different links") {
  server::SteeringOptions options = with_sla(Policy::kLowestCostSla);
  options.sla_classes.push_back({"bulk", server::Bounds{0.5, 0.3}, {}, server::Bounds{0.05, 0.02}, 3, 5});
  options.records.push_back(options.records[0]);
  options.records[1].owner = *dns::parse_name("backup.example.com");
  options.records[1].sla = 1;
  World world(std::move(options));
  world.all_up();
  for (const char* target : {kA, kB}) world.quality(target, 20ms, 1ms, 0);
  world.quality(kC, 250ms, 1ms, 0.03);
  world.evaluate();
  world.pass(10s);
  CHECK(world.state(0) == "failed-over b");
  CHECK(world.state(1) == "normal c");
}

TEST_CASE("policy: if no member meets the SLA, if-none decides") {
  struct Row {
    IfNone if_none;
    const char* state;
  };
  static constexpr Row rows[] = {
      {IfNone::kBestEffort, "degraded b"}, {IfNone::kLastResort, "degraded c"}, {IfNone::kNodata, "degraded"}};
  for (const Row& row : rows) {
    server::SteeringOptions options = with_sla(Policy::kLowestCostSla);
    options.links[2].last_resort = true;
    options.records[0].if_none = row.if_none;
    World world(std::move(options));
    world.all_up();
    world.quality(kA, 600ms, 1ms, 0);
    world.quality(kB, 200ms, 1ms, 0);
    world.quality(kC, 20ms, 1ms, 0);
    world.evaluate();
    world.pass(100s);
    CHECK(world.state() == row.state);
    REQUIRE(world.decision.sets.size() == 1);
    if (row.if_none == IfNone::kNodata) {
      CHECK(world.decision.sets.front()->set.count == 0);  // transfers keep the zone file's RRset
      CHECK(slots(*world.decision.sets.front())["nodata"] == 256);
    }
  }
}

TEST_CASE("policy: a last-resort link is used only if all other links are down") {
  server::SteeringOptions options = with_sla(Policy::kFailover);
  options.links[0].last_resort = true;
  World world(std::move(options));
  world.all_up();
  world.quality(kB, 900ms, 1ms, 0.5);
  world.quality(kC, 900ms, 1ms, 0.6);
  world.evaluate();
  world.pass(10s);
  CHECK(world.report().chosen != std::vector<std::size_t>{0});
  world.down(kB);
  world.evaluate();
  CHECK(world.state() == "degraded c");
  world.down(kC);
  world.evaluate();
  CHECK(world.state() == "degraded a");
}

TEST_CASE("policy: a member whose link class is not in min-class is never used, not even if forced") {
  server::SteeringOptions options = three_links(Policy::kFailover);
  options.records[0].allowed_classes = {LinkClass::kMpls, LinkClass::kInternetVpn};
  options.records[0].all_down = AllDown::kAll;
  World world(std::move(options));
  world.all_up();
  world.down(kA);
  world.down(kB);
  world.evaluate();
  CHECK(world.state() == "all-down a b");
  world.overrides = {entry(OverrideKind::kForce, "app.example.com/A", "c")};
  world.evaluate();
  CHECK(world.state() == "all-down a b");
}

TEST_CASE("policy: if all members are down, all-down decides") {
  struct Row {
    AllDown all_down;
    const char* state;
    const char* plain;
  };
  static constexpr Row rows[] = {{AllDown::kLastGood, "all-down a", "10.0.0.1"},
                                 {AllDown::kAll, "all-down a b c", "10.0.0.1 10.0.0.2 10.0.0.3"},
                                 {AllDown::kNodata, "all-down", "nodata"},
                                 {AllDown::kDefault, "all-down", "none"}};
  for (const Row& row : rows) {
    server::SteeringOptions options = three_links(Policy::kFailover);
    options.records[0].all_down = row.all_down;
    World world(std::move(options));
    world.all_up();
    world.evaluate();
    for (const char* target : {kA, kB, kC}) world.down(target);
    world.evaluate();
    CHECK(world.state() == row.state);
    CHECK((world.decision.sets.empty() ? "none" : text(world.decision.sets.front()->set.view())) == row.plain);
    world.up(kB);
    world.evaluate();
    CHECK(world.state() == "failed-over b");
  }
}

TEST_CASE("policy: drain, down, force and freeze overrides change the decision until they expire") {
  World world(three_links(Policy::kFailover));
  world.all_up();
  world.evaluate();
  world.pass(100s);
  struct Row {
    AdminOverride entry;
    const char* state;
  };
  const Row rows[] = {{entry(OverrideKind::kDrain, "mpls"), "failed-over b"},
                      {entry(OverrideKind::kDrain, "app.example.com/A:a"), "failed-over b"},
                      {entry(OverrideKind::kDown, "*:a"), "failed-over b"},
                      {entry(OverrideKind::kForce, "app.example.com/A", "c"), "forced c"},
                      {entry(OverrideKind::kFreeze, "*"), "frozen a"},
                      {entry(OverrideKind::kDrain, "gone"), "normal a"}};
  for (const Row& row : rows) {
    server::Evaluator copy = world.evaluator;
    world.overrides = {row.entry};
    world.overrides[0].until = world.wall() + 50s;
    world.evaluate();
    CHECK(world.state() == row.state);
    world.pass(200s);
    CHECK(world.state() == "normal a");
    world.evaluator = copy;
  }
}

TEST_CASE("policy: observe mode gives decisions and transitions, but no RRsets") {
  server::SteeringOptions options = three_links(Policy::kFailover);
  options.mode = server::SteeringMode::kObserve;
  World world(std::move(options));
  world.all_up();
  world.evaluate();
  CHECK(world.state() == "normal a");
  CHECK(world.decision.sets.empty());
  CHECK(!world.decision.transitions.empty());
}

TEST_CASE("policy: the answer of a view goes only to its clients and is not in zone transfers") {
  server::SteeringOptions options = three_links(Policy::kFailover);
  options.views.resize(1);
  options.views[0].name = "closed";
  options.records[0].view = 0;
  options.records.push_back(record("app.example.com", Policy::kStatic, {}));
  World world(std::move(options));
  world.evaluate();  // no input is known yet; other clients still must not get the view's answer
  for (int round = 0; round < 2; ++round) {
    REQUIRE(world.decision.sets.size() == 1);
    const server::ManagedRrset& managed = *world.decision.sets.front();
    CHECK(managed.set.count == 0);
    REQUIRE(managed.choice->rules.size() == 2);
    CHECK(managed.choice->rules[0].view == 0);
    CHECK(slots(managed, 0).begin()->first == (round == 0 ? "10.0.0.1 10.0.0.2 10.0.0.3" : "10.0.0.1"));
    CHECK(managed.choice->rules[1].view == dns::kNoView);
    CHECK(slots(managed, 1)["nodata"] == 256);
    world.all_up();
    world.evaluate();
  }
}

TEST_CASE("policy: a restart keeps the saved decision until inputs are known; a damaged saved state is ignored") {
  World world(three_links(Policy::kFailover));
  world.all_up();
  world.down(kA);
  world.evaluate();
  CHECK(world.state() == "failed-over b");
  const std::string saved = world.evaluator.save(world.now, world.wall());
  World next(three_links(Policy::kFailover));
  next.now = world.now;
  REQUIRE(next.evaluator.restore(saved, next.now, next.wall()).has_value());
  next.evaluate();
  CHECK(next.state() == "failed-over b");
  CHECK(next.decision.sets.size() == 1);
  CHECK(next.record_transitions == 0);
  for (const char* damaged : {"", "{", "[]", "{\"form\":1}", "{\"form\":3}", "null"}) {
    World fresh(three_links(Policy::kFailover));
    CHECK(!fresh.evaluator.restore(damaged, fresh.now, fresh.wall()).has_value());
    fresh.evaluate();
    CHECK(fresh.state() == "undecided");
  }
}

TEST_CASE("policy: after the wait a usable member is served although a better one is unknown") {
  World world(three_links(Policy::kFailover));
  world.evaluator.wait_until(world.now + 3s);
  world.up("10.255.0.2");
  world.evaluate();
  CHECK(world.state() == "undecided");
  world.pass(3s);
  CHECK(world.state() == "failed-over b");
  CHECK(world.report().rule == "b; a is unknown: link mpls: 0 of 1 targets answer, 1 needed: 10.255.0.1 no result yet");
  world.up("10.255.0.1");
  world.evaluate();
  world.pass(61s);
  CHECK(world.state() == "normal a");
}

TEST_CASE("policy: after the wait members that are down are left out although nothing is known about the others") {
  World world(three_links(Policy::kAll));
  world.evaluator.wait_until(world.now + 3s);
  world.down("10.255.0.1");
  world.inputs.checks[1].detail = "cannot run /check: No such file or directory";
  world.evaluate();
  CHECK(world.state() == "undecided");
  world.pass(3s);
  CHECK(world.state() == "degraded b c");
  CHECK(world.report().ttl == 5);
  CHECK(world.report().rule.contains("10.255.0.2 cannot run /check: No such file or directory"));
  CHECK(world.report().rule.contains("left out: a: "));
  const std::string saved = world.evaluator.save(world.now, world.wall());
  world.up("10.255.0.3");  // the first member that is known to work replaces the others at once
  world.evaluate();
  CHECK(world.state() == "failed-over c");
  World next(three_links(Policy::kAll));
  next.now = world.now;
  REQUIRE(next.evaluator.restore(saved, next.now, next.wall()).has_value());
  next.evaluator.wait_until(next.now);
  next.down("10.255.0.1");
  next.up("10.255.0.2");
  next.evaluate();
  CHECK(next.state() == "failed-over b");
}

TEST_CASE("policy: the zone file's records are served as long as nothing is known about any member") {
  World world(three_links(Policy::kFailover));
  world.evaluator.wait_until(world.now);
  world.evaluate();
  CHECK(world.state() == "undecided");
  CHECK(world.decision.sets.empty());
}

TEST_CASE("policy: members without a result that then go down are not the last good answer") {
  World world(three_links(Policy::kFailover));
  world.evaluator.wait_until(world.now);
  world.down("10.255.0.1");
  world.evaluate();
  CHECK(world.state() == "degraded b");
  world.down("10.255.0.2");
  world.down("10.255.0.3");
  world.evaluate();
  CHECK(world.state() == "all-down a b c");
}

TEST_CASE("policy: a record whose variants do not fit serves one member to everybody, never all of them") {
  server::SteeringOptions options;
  options.views.resize(1);
  options.views[0].name = "closed";
  for (int i = 0; i < 2; ++i) {
    std::vector<server::MemberOptions> members;
    for (int m = 0; m < 200; ++m)
      members.push_back(
          member(("m" + std::to_string(m)).c_str(), ("10." + std::to_string(i) + ".0." + std::to_string(m)).c_str()));
    options.records.push_back(record("app.example.com", Policy::kWeighted, std::move(members)));
  }
  options.records[0].view = 0;
  World world(std::move(options));
  world.evaluate();
  REQUIRE(world.decision.sets.size() == 1);
  CHECK(slots(*world.decision.sets.front(), 0).size() == 200);
  CHECK(slots(*world.decision.sets.front(), 1) == std::map<std::string, int>{{"10.1.0.0", 256}});
}
