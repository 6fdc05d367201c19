// simulate against what happens: random configurations and faults in virtual time. The checks of the real course run
// probe by probe through their trackers. WAYMARK_SIMULATIONS sets the number of comparisons.
#include <random>

#include <doctest/doctest.h>

#include "server/health/health_tracker.h"
#include "server/steering/simulate.h"
#include "tests/support/repetitions.h"
#include "tests/support/steering.h"

using namespace steered;
using server::Health;
using server::MonitorOptions;
using server::Outcome;
using server::Policy;
using server::ProbeKind;

namespace {

inline constexpr unsigned kSeed = 20261130;
inline constexpr Duration kCourse = 100s;

MonitorOptions random_monitor(std::mt19937& random, const std::string& name) {
  static constexpr ProbeKind kinds[] = {ProbeKind::kIcmp, ProbeKind::kTcp, ProbeKind::kFile};
  MonitorOptions monitor;
  monitor.name = name;
  monitor.kind = kinds[random() % 3];
  monitor.interval = std::chrono::milliseconds(200 + random() % 3000);
  const bool overlaps = monitor.kind == ProbeKind::kIcmp;
  monitor.timeout = monitor.interval * static_cast<int>(1 + random() % (overlaps ? 7 : 3)) / 3;
  if (monitor.kind == ProbeKind::kFile) monitor.timeout = 1h;
  monitor.fall = static_cast<unsigned>(1 + random() % 4);
  monitor.window = monitor.interval * static_cast<int>(1 + random() % 20);
  return monitor;
}

server::SteeringOptions random_options(std::mt19937& random) {
  server::SteeringOptions options = three_links(static_cast<Policy>(random() % 5));
  options.sla_classes = {{"voice", server::Bounds{0.150, 0.100}, {}, server::Bounds{0.02, 0.01}, 1, 5}};
  options.sla_classes[0].bad_windows = static_cast<unsigned>(1 + random() % 4);
  server::RecordOptions& record = options.records[0];
  if (random() % 2 == 0) record.sla = 0;
  record.all_down = static_cast<server::AllDown>(random() % 4);
  record.all_down_hold = std::chrono::seconds(random() % 60);
  record.failback_delay = std::chrono::seconds(random() % 20);
  record.hold_down = std::chrono::seconds(random() % 20);
  record.min_up = static_cast<unsigned>(1 + random() % 2);
  options.links[random() % 3].last_resort = random() % 3 == 0;
  for (std::size_t i = 0; i < options.links.size(); ++i) {
    server::LinkOptions& link = options.links[i];
    link.probes[0].monitor = random_monitor(random, "ping" + std::to_string(i));
    if (random() % 3 == 0) {
      link.probes.push_back(link.probes[0]);
      link.probes[1].target = address(("10.254.0." + std::to_string(i + 1)).c_str());
      link.reliability = static_cast<unsigned>(1 + random() % 2);
    }
    if (random() % 2 == 0) continue;
    record.members[i].checks = {check("web", ("10.0.0." + std::to_string(i + 1)).c_str())};
    record.members[i].checks[0].monitor = random_monitor(random, "web" + std::to_string(i));
  }
  return options;
}

// One check as the server runs it.
struct RunningCheck {
  MonitorOptions monitor;
  server::HealthTracker tracker;
  Instant next_start;
  std::vector<Instant> results;  // of the probes that have started, in order
  std::int64_t left = 0;         // results until its window has only failures

  bool overlaps() const { return monitor.kind == ProbeKind::kIcmp; }
  Duration wait() const { return monitor.kind == ProbeKind::kFile ? Duration{} : monitor.timeout; }
  bool may_start() const { return left > 0 && (overlaps() || results.empty()); }
  Instant next() const {
    const Instant start = may_start() ? next_start : Instant::max();
    return results.empty() ? start : std::min(start, results.front());
  }
  void publish(Instant now, server::CheckState& state) {
    tracker.set_schedule(now, {.next = next_start, .in_flight = static_cast<unsigned>(results.size())});
    state = tracker.state();
  }
  void work(Instant now, server::CheckState& state) {
    if (!results.empty() && results.front() == now) {
      results.erase(results.begin());
      tracker.add_result(now, {Outcome::kFailed, {}, "no reply"});
      if (!overlaps()) next_start = std::max(next_start, now);
      --left;
    } else {
      results.push_back(now + wait());
      next_start = now + monitor.interval;
    }
    publish(now, state);
  }
};

struct Change {
  Duration at{};
  std::vector<std::size_t> members;
  server::RecordState state{};
  std::uint32_t ttl = 0;
};

std::string text_of(const std::vector<Change>& changes) {
  std::string words;
  for (const Change& change : changes) {
    words += std::to_string(std::chrono::duration<double>(change.at).count()) + " " +
             std::string(server::word(change.state)) + " TTL " + std::to_string(change.ttl);
    for (const std::size_t member : change.members) words += " " + std::to_string(member);
    words += "; ";
  }
  return words;
}

class Course {
 public:
  Course(server::SteeringOptions options, std::mt19937& random) : world_(std::move(options)) {
    for (std::size_t i = 0; i < world_.plan.checks.size(); ++i) run_until_now(i, random);
    const Instant now = world_.now;
    world_.now -= 100s;
    world_.evaluate();
    world_.pass(now - world_.now);
  }

  std::vector<Change> simulated(const std::vector<std::string>& links) const {
    const server::SimulationStart start{world_.inputs, world_.overrides, world_.now, world_.wall()};
    std::vector<server::SimulatedFailure> failures;
    for (const std::string& link : links) failures.push_back({server::FailureKind::kLink, link, 0s});
    const auto simulation = server::simulate(world_.evaluator, start, failures, kCourse);
    REQUIRE(simulation.has_value());
    std::vector<Change> changes;
    for (const server::SimulatedChange& change : simulation->records[0].changes)
      changes.push_back({change.at, change.to.members, change.to.state, change.to.ttl});
    return changes;
  }

  std::vector<Change> real(const std::vector<std::string>& links) {
    const Instant began = world_.now, end = began + kCourse;
    for (const std::string& link : links) fail(link);
    std::vector<Change> changes;
    Change last = present(began);
    while (world_.now < end) {
      Instant next = end;
      for (const RunningCheck& check : checks_) next = std::min(next, check.next());
      if (world_.decision.next) next = std::min(next, std::max(*world_.decision.next, world_.now + 1ns));
      world_.now = next;
      for (std::size_t i = 0; i < checks_.size(); ++i) {
        while (checks_[i].next() <= next) checks_[i].work(next, world_.inputs.checks[i]);
      }
      world_.evaluate();
      const Change now = present(began);
      if (now.members == last.members && now.state == last.state && now.ttl == last.ttl) continue;
      changes.push_back(now);
      last = now;
    }
    return changes;
  }

 private:
  // The check has worked, or has failed, for longer than its window.
  void run_until_now(std::size_t place, std::mt19937& random) {
    const MonitorOptions& monitor = world_.plan.checks[place].monitor;
    const bool works = random() % 8 != 0;
    const Duration round_trip = std::chrono::milliseconds(1 + random() % 180);
    const auto count = static_cast<int>(monitor.window / monitor.interval) + static_cast<int>(monitor.rise) + 1;
    RunningCheck check{
        monitor, {server::tracker_options(monitor), world_.now - 200s}, world_.now + monitor.interval, {}, 0};
    for (int i = count; i >= 0; --i) {
      server::ProbeResult result{works ? Outcome::kOk : Outcome::kFailed, {}, "measured"};
      if (works) result.measurements.latency = round_trip;
      check.tracker.add_result(world_.now - monitor.interval * i, result);
    }
    check.publish(world_.now, world_.inputs.checks[place]);
    checks_.push_back(std::move(check));
  }

  void fail(const std::string& link) {
    for (std::size_t i = 0; i < world_.plan.options.links.size(); ++i) {
      if (world_.plan.options.links[i].name != link) continue;
      for (const std::size_t check : world_.plan.link_checks[i]) fail_check(checks_[check]);
      for (const std::size_t check : world_.plan.member_checks[0][i]) fail_check(checks_[check]);
    }
  }

  static void fail_check(RunningCheck& check) {
    check.left = check.monitor.window / check.monitor.interval + check.monitor.fall + 1;
  }

  Change present(Instant began) const {
    const server::RecordReport& report = world_.report();
    return {world_.now - began, report.chosen, report.state, report.ttl};
  }

  World world_;
  std::vector<RunningCheck> checks_;
};

}  // namespace

TEST_CASE("simulate: random failures of links change the answers as they do in reality") {
  std::mt19937 random(kSeed);
  static const std::vector<std::string> kFailures[] = {
      {"mpls"}, {"vpn"}, {"net"}, {"mpls", "vpn"}, {"mpls", "vpn", "net"}};
  const std::size_t count = ::dns::test::repetitions(2'000, "WAYMARK_SIMULATIONS");
  std::size_t moved = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Course course(random_options(random), random);
    const std::vector<std::string>& links = kFailures[random() % 5];
    const std::vector<Change> simulated = course.simulated(links), real = course.real(links);
    CAPTURE(i);
    REQUIRE(text_of(simulated) == text_of(real));
    if (!real.empty()) ++moved;
  }
  CHECK(moved > count / 4);
}
