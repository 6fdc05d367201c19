// SLA classes: bounds, windows, judged losses, and the TTLs and answers that depend on them.
#include <doctest/doctest.h>

#include "server/steering/links.h"
#include "tests/support/steering.h"

using namespace steered;
using server::Bounds;
using server::Policy;
using server::Quality;
using server::SlaOptions;
using server::SlaStatus;

namespace {

constexpr const char* kA = "10.255.0.1";
constexpr const char* kB = "10.255.0.2";
constexpr const char* kC = "10.255.0.3";

Quality measured(Duration latency, Duration jitter, double loss) { return {100, latency, jitter, loss}; }

// Whether a class is violated after the measurement was the same for `seconds`.
bool is_violated(const SlaOptions& sla, const Quality& quality, int seconds = 10, bool before = false) {
  SlaStatus status;
  status.violated = before;
  for (int i = 0; i <= seconds; ++i) server::update_sla(status, sla, quality, Instant(1000s + i * 1s));
  return status.violated;
}

server::SteeringOptions with_sla(Policy policy) {
  server::SteeringOptions options = three_links(policy);
  options.sla_classes = {{"voice", Bounds{0.150, 0.100}, {}, Bounds{0.01, 0.003}, 3, 5}};
  options.records[0].sla = 0;
  return options;
}

}  // namespace

TEST_CASE("sla: a value at `bad` violates the bound, and a value at `good` meets it again") {
  const SlaOptions sla{"voice", Bounds{0.150, 0.100}, Bounds{0.030, 0.020}, Bounds{0.05, 0.01}, 3, 5};
  struct Row {
    Quality quality;
    bool violates, stays_violated;
  };
  const Row rows[] = {
      {measured(149ms, 0ms, 0), false, true},          {measured(150ms, 0ms, 0), true, true},
      {measured(151ms, 0ms, 0), true, true},           {measured(101ms, 0ms, 0), false, true},
      {measured(100ms, 0ms, 0), false, false},         {measured(99ms, 0ms, 0), false, false},
      {measured(0ms, 29ms, 0), false, true},           {measured(0ms, 30ms, 0), true, true},
      {measured(0ms, 21ms, 0), false, true},           {measured(0ms, 20ms, 0), false, false},
      {measured(0ms, 0ms, 1 - 19.0 / 20), true, true}, {measured(0ms, 0ms, 4.0 / 100), false, true},
      {measured(0ms, 0ms, 0.3 / 30), false, false},    {measured(0ms, 0ms, 2.0 / 100), false, true},
  };
  for (const Row& row : rows) {
    CHECK(is_violated(sla, row.quality) == row.violates);
    CHECK(is_violated(sla, row.quality, 10, true) == row.stays_violated);
  }
}

TEST_CASE("sla: a loss of 100% can be a bound, and a bound of 0% is violated by any loss") {
  const SlaOptions all{"all", {}, {}, Bounds{1, 0.5}, 1, 1}, none{"none", {}, {}, Bounds{0, 0}, 1, 1};
  CHECK(is_violated(all, measured(0ms, 0ms, 1)));
  CHECK(!is_violated(all, measured(0ms, 0ms, 0.99)));
  CHECK(is_violated(none, measured(0ms, 0ms, 0.001)));
  CHECK(!is_violated(none, measured(0ms, 0ms, 0)));
}

TEST_CASE("sla: a violation begins and ends after whole seconds") {
  const SlaOptions sla{"voice", Bounds{0.150, 0.100}, {}, {}, 3, 5};
  const Quality bad = measured(200ms, 0ms, 0), good = measured(50ms, 0ms, 0);
  CHECK(!is_violated(sla, bad, 2));
  CHECK(is_violated(sla, bad, 3));
  CHECK(is_violated(sla, good, 4, true));
  CHECK(!is_violated(sla, good, 5, true));
  SlaStatus status;
  for (int tenth = 0; tenth < 30; ++tenth) {
    server::update_sla(status, sla, bad, Instant(1000s + tenth * 100ms));
    CHECK(status.change_at == Instant(1003s));
  }
  CHECK(!status.violated);
}

TEST_CASE("sla: texts of values that differ are different") {
  const SlaOptions sla{"voice", {}, {}, Bounds{0.001, 0.0005}, 3, 5};
  const auto text = [&](double loss) {
    SlaStatus status;
    server::update_sla(status, sla, measured(0ms, 0ms, loss), Instant(1000s));
    return status.reason;
  };
  CHECK(text(0.052) == "loss 5.2% over 0.1%");
  CHECK(text(0.0011) == "loss 0.11% over 0.10%");
  CHECK(text(0.00102) == "loss 0.102% over 0.100%");
  CHECK(text(0.001) == "loss 0.1% at the bound of 0.1%");
  CHECK(text(0.00098) == "loss 0.098% within 0.100%");
}

TEST_CASE("sla: results that are missing in a window count as received") {
  server::SteeringOptions options = with_sla(Policy::kFailover);
  options.links[0].probes[0].monitor.interval = 200ms;
  options.links[0].probes[0].monitor.window = 30s;  // 150 probes
  World world(std::move(options));
  world.all_up();
  world.evaluate();
  world.pass(100s);
  world.inputs.checks[0].quality = {20, 20ms, 0ms, 0.05};  // one of 20 lost: 0.7% of a full window
  world.evaluate();
  world.pass(100s);
  CHECK(world.state() == "normal a");
  world.inputs.checks[0].quality = {20, 20ms, 0ms, 0.10};  // two of 20 lost
  world.evaluate();
  world.pass(100s);
  CHECK(world.state() == "failed-over b");
}

TEST_CASE("ttl: a violation in sight lowers it only for records with that class") {
  server::SteeringOptions options = with_sla(Policy::kFailover);
  options.records.push_back(options.records[0]);
  options.records[1].owner = *dns::parse_name("backup.example.com");
  options.records[1].sla.reset();
  World world(std::move(options));
  world.all_up();
  for (const char* target : {kA, kB, kC}) world.quality(target, 20ms, 1ms, 0);
  world.evaluate();
  world.pass(100s);
  world.quality(kA, 500ms, 1ms, 0);
  world.evaluate();
  CHECK(world.report(0).ttl == 5);
  CHECK(world.report(1).ttl == 30);
}

TEST_CASE("ttl: a member that cannot change the answer does not lower it") {
  server::SteeringOptions options = three_links(Policy::kFailover);
  options.records[0].failback_delay = 0s;
  World world(std::move(options));
  world.all_up();
  world.evaluate();
  world.pass(100s);
  const auto waver = [&](std::size_t check) {
    world.inputs.checks[check].contrary_results = 1;
    world.inputs.checks[check].may_change = world.now + 2s;
    world.evaluate();
    return world.report().ttl;
  };
  CHECK(waver(2) == 30);
  world.down(kC);
  CHECK(waver(2) == 30);  // it may come back, and is not better
  CHECK(waver(0) == 5);
}

TEST_CASE("ttl: a member that may return at any time causes no evaluation by itself") {
  server::SteeringOptions options = three_links(Policy::kFailover);
  options.records[0].failback_delay = 30s;  // as long as the TTL
  options.records[0].members[0].checks = {check("web", "192.0.2.80")};
  World world(std::move(options));
  world.all_up();
  world.down("192.0.2.80");
  world.evaluate();
  world.pass(100s);
  world.inputs.checks[3].contrary_results = 1;
  world.inputs.checks[3].may_change = world.now - 1s;
  world.evaluate();
  CHECK(world.state() == "failed-over b");
  CHECK(!world.decision.next);
}

TEST_CASE("migration: a changed percentage takes effect at once, also for a measured policy") {
  for (const Policy policy : {Policy::kBestQuality, Policy::kLowestCostSla}) {
    server::SteeringOptions options = with_sla(policy);
    options.records[0].migrate = server::Migration{0, 1, 0};
    World world(options);
    world.all_up();
    world.quality(kA, 20ms, 1ms, 0.05);
    world.quality(kB, 20ms, 1ms, 0.05);
    world.quality(kC, 20ms, 1ms, 0.9);
    world.evaluate();
    world.pass(200s);
    REQUIRE(world.report().chosen == std::vector<std::size_t>{0});
    options.records[0].migrate->percent = 100;
    options.records[0].hold_down = 1h;
    World next(options);
    next.now = world.now;
    next.inputs = world.inputs;
    REQUIRE(next.evaluator.restore(world.evaluator.save(world.now, world.wall()), next.now, next.wall()).has_value());
    next.evaluate();
    CHECK(next.report().chosen == std::vector<std::size_t>{1});
    next.evaluate();
    CHECK(next.report().chosen == std::vector<std::size_t>{1});
  }
}
