// simulate against what happens: random configurations and faults in virtual time. The checks of the real course run
// probe by probe, and the routers advertise and take over one from another, through their trackers.
// WAYMARK_SIMULATIONS sets the number of comparisons.
#include <random>

#include <doctest/doctest.h>

#include "server/health/health_tracker.h"
#include "server/steering/simulate.h"
#include "tests/support/repetitions.h"
#include "tests/support/running_inputs.h"
#include "tests/support/steering.h"

using namespace steered;
using server::MonitorOptions;
using server::Outcome;
using server::Policy;
using server::ProbeKind;
using steered::kRouters;
using steered::RunningCheck;
using steered::RunningRouters;

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

server::VirtualRouterOptions random_virtual_router(std::mt19937& random, const std::string& name) {
  server::VirtualRouterOptions options;
  options.name = name;
  for (std::size_t i = 0; i < kRouters; ++i)
    options.routers.push_back({"rtr-" + std::to_string(i), {address(("192.0.2." + std::to_string(i + 2)).c_str())}});
  options.down_timer_adverts = static_cast<unsigned>(1 + random() % 5);
  options.on_split = static_cast<server::OnSplit>(random() % 3);
  options.flap_transitions = static_cast<unsigned>(random() % 5);
  options.flap_within = std::chrono::seconds(5 + random() % 60);
  options.flap_stable = std::chrono::seconds(1 + random() % 60);
  return options;
}

// A second record in a view, and members that need virtual routers.
void add_routers_and_view(server::SteeringOptions& options, std::mt19937& random) {
  for (std::size_t i = 0; i < 2; ++i)
    options.virtual_routers.push_back(random_virtual_router(random, "gw-" + std::to_string(i)));
  options.records.push_back(options.records[0]);
  options.views = {{"inside", {}, {}}};
  options.records[1].view = 0;
  options.records[1].policy = static_cast<Policy>(random() % 5);
  options.records[1].failback_delay = std::chrono::seconds(random() % 20);
  for (server::RecordOptions& record : options.records)
    for (server::MemberOptions& member : record.members)
      for (std::size_t gw = 0; gw < options.virtual_routers.size(); ++gw)
        if (random() % 2 == 0)
          member.routers.push_back({gw, static_cast<server::RouterNeed>(random() % 2), random() % kRouters});
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
  add_routers_and_view(options, random);
  return options;
}

struct Change {
  Duration at{};
  std::vector<std::size_t> members;
  server::RecordState state{};
  std::uint32_t ttl = 0;
};

using Changes = std::vector<std::vector<Change>>;  // by record

std::string text_of(const Changes& all) {
  std::string words;
  for (const std::vector<Change>& changes : all) {
    for (const Change& change : changes) {
      words += std::to_string(std::chrono::duration<double>(change.at).count()) + " " +
               std::string(server::word(change.state)) + " TTL " + std::to_string(change.ttl);
      for (const std::size_t member : change.members) words += " " + std::to_string(member);
      words += "; ";
    }
    words += "| ";
  }
  return words;
}

class Course {
 public:
  Course(server::SteeringOptions options, std::mt19937& random) : world_(std::move(options)) {
    for (std::size_t i = 0; i < world_.plan.checks.size(); ++i) run_until_now(i, random);
    for (std::size_t i = 0; i < world_.plan.options.virtual_routers.size(); ++i) run_routers_until_now(i, random);
    add_overrides(random);
    const Instant now = world_.now;
    world_.now -= 100s;
    world_.evaluate();
    world_.pass(now - world_.now);
  }

  Changes simulated(const std::vector<server::SimulatedFailure>& failures) const {
    std::vector<server::RouterTracker> trackers;
    for (const RunningRouters& each : routers_) trackers.push_back(each.tracker);
    const server::SimulationStart start{world_.inputs, world_.overrides, world_.now, world_.wall(), trackers};
    const auto simulation = server::simulate(world_.evaluator, start, failures, kCourse);
    REQUIRE(simulation.has_value());
    Changes changes(simulation->records.size());
    for (std::size_t i = 0; i < changes.size(); ++i)
      for (const server::SimulatedChange& change : simulation->records[i].changes)
        changes[i].push_back({change.at, change.to.members, change.to.state, change.to.ttl});
    return changes;
  }

  Changes real(std::vector<server::SimulatedFailure> failures) {
    const Instant began = world_.now, end = began + kCourse;
    std::ranges::stable_sort(failures, {}, &server::SimulatedFailure::at);
    for (const server::SimulatedFailure& failure : failures) prepare(failure);
    std::size_t failed = 0;
    Changes changes(world_.plan.options.records.size());
    std::vector<Change> last;
    for (std::size_t i = 0; i < changes.size(); ++i) last.push_back(present(i, began));
    while (world_.now < end) {
      Instant next = end;
      for (const RunningCheck& check : checks_) next = std::min(next, check.next());
      for (const RunningRouters& each : routers_) next = std::min(next, each.next());
      if (failed < failures.size()) next = std::min(next, began + failures[failed].at);
      if (world_.decision.next) next = std::min(next, std::max(*world_.decision.next, world_.now + 1ns));
      world_.now = std::max(next, world_.now);
      for (std::size_t i = 0; i < checks_.size(); ++i) {
        while (checks_[i].next() <= next) checks_[i].work(next, world_.inputs.checks[i]);
      }
      for (; failed < failures.size() && began + failures[failed].at <= next; ++failed) fail_routers(failures[failed]);
      for (std::size_t i = 0; i < routers_.size(); ++i) {
        routers_[i].work(next);
        world_.inputs.routers[i] = routers_[i].tracker.status(next);
      }
      world_.evaluate();
      for (std::size_t i = 0; i < changes.size(); ++i) {
        const Change now = present(i, began);
        if (now.members == last[i].members && now.state == last[i].state && now.ttl == last[i].ttl) continue;
        changes[i].push_back(now);
        last[i] = now;
      }
    }
    return changes;
  }

 private:
  // The check has worked, or has failed, for longer than its window.
  void run_until_now(std::size_t place, std::mt19937& random) {
    const MonitorOptions& monitor = world_.plan.checks[place].monitor;
    const bool works = random() % 8 != 0;
    server::ProbeResult result{works ? Outcome::kOk : Outcome::kFailed, {}, "measured"};
    if (works) result.measurements.latency = std::chrono::milliseconds(1 + random() % 180);
    const auto count = static_cast<int>(monitor.window / monitor.interval) + static_cast<int>(monitor.rise) + 1;
    RunningCheck check{monitor,
                       {server::tracker_options(monitor), world_.now - 200s},
                       result,
                       world_.now + monitor.interval,
                       Instant::max(),
                       {},
                       0};
    for (int i = count; i >= 0; --i) check.tracker.add_result(world_.now - monitor.interval * i, result);
    check.publish(world_.now, world_.inputs.checks[place]);
    checks_.push_back(std::move(check));
  }

  // Some of them have just changed, and may be flapping. Others have not been heard for long.
  void run_routers_until_now(std::size_t place, std::mt19937& random) {
    const server::VirtualRouterOptions& options = world_.plan.options.virtual_routers[place];
    const Duration interval = std::chrono::milliseconds(10 * (1 + random() % 300));
    Instant now = world_.now - 100s;
    RunningRouters running{.tracker = {options, now}, .interval = interval, .failed = {}, .active = {}, .takeover = {}};
    running.tracker.set_capture(server::CaptureState::kCapturing, now);
    const std::size_t moves = random() % 5;
    if (random() % 8 != 0) {
      for (std::size_t i = 0; i <= moves; ++i) {
        running.hand_over(random() % kRouters, now);
        const Instant until = i < moves ? now + std::chrono::milliseconds(random() % 20'000) : world_.now;
        for (; running.next() < std::min(until, world_.now); running.work(now)) now = running.next();
        now = std::min(until, world_.now);
      }
    }
    running.work(world_.now);
    world_.inputs.routers[place] = running.tracker.status(world_.now);
    routers_.push_back(std::move(running));
  }

  void add_overrides(std::mt19937& random) {
    static constexpr server::OverrideKind kKinds[] = {server::OverrideKind::kForce, server::OverrideKind::kFreeze,
                                                      server::OverrideKind::kDrain, server::OverrideKind::kDown,
                                                      server::OverrideKind::kUp};
    if (random() % 2 == 0) return;
    const server::OverrideKind kind = kKinds[random() % 5];
    const std::string record = record_name(world_.plan.options, random() % 2), member(1, "abc"[random() % 3]);
    const bool of_record = kind == server::OverrideKind::kForce || kind == server::OverrideKind::kFreeze;
    server::AdminOverride order;
    order.kind = kind;
    order.subject = of_record ? record : record + ":" + member;
    if (kind == server::OverrideKind::kForce) order.member = member;
    if (random() % 2 == 0) order.until = world_.wall() + std::chrono::seconds(random() % 60);
    world_.overrides = {order};
  }

  // The schedule of the checks that will fail.
  void prepare(const server::SimulatedFailure& failure) {
    const server::SteeringOptions& options = world_.plan.options;
    if (failure.kind == server::FailureKind::kLink) {
      for (std::size_t i = 0; i < options.links.size(); ++i) {
        if (options.links[i].name != failure.subject) continue;
        for (const std::size_t check : world_.plan.link_checks[i]) fail_check(check, failure.at);
        for (const auto& of_record : world_.plan.member_checks)
          for (const std::size_t check : of_record[i]) fail_check(check, failure.at);
      }
    } else if (failure.kind == server::FailureKind::kMember) {
      for (std::size_t record = 0; record < options.records.size(); ++record)
        for (std::size_t i = 0; i < options.records[record].members.size(); ++i)
          if (failure.subject == record_name(options, record) + ":" + options.records[record].members[i].name)
            for (const std::size_t check : world_.plan.member_checks[record][i]) fail_check(check, failure.at);
    }
  }

  void fail_check(std::size_t place, Duration after) {
    if (checks_[place].fails_at == Instant::max()) checks_[place].fail_after(world_.now, after);
  }

  void fail_routers(const server::SimulatedFailure& failure) {
    for (RunningRouters& running : routers_) {
      const server::VirtualRouterOptions& options = running.tracker.options();
      for (std::size_t i = 0; i < kRouters; ++i)
        if (failure.subject == options.name || failure.subject == options.name + ":" + options.routers[i].name)
          if (!running.failed[i]) running.fail(i, world_.now);
    }
  }

  Change present(std::size_t record, Instant began) const {
    const server::RecordReport& report = world_.report(record);
    return {world_.now - began, report.chosen, report.state, report.ttl};
  }

  World world_;
  std::vector<RunningCheck> checks_;
  std::vector<RunningRouters> routers_;
};

// One to three, in any order, at once or one after another.
std::vector<server::SimulatedFailure> random_failures(std::mt19937& random) {
  using server::FailureKind;
  static const std::pair<FailureKind, std::string> kSubjects[] = {{FailureKind::kLink, "mpls"},
                                                                  {FailureKind::kLink, "vpn"},
                                                                  {FailureKind::kLink, "net"},
                                                                  {FailureKind::kRouter, "gw-0:rtr-0"},
                                                                  {FailureKind::kRouter, "gw-0:rtr-1"},
                                                                  {FailureKind::kRouter, "gw-1:rtr-0"},
                                                                  {FailureKind::kRouter, "gw-1:rtr-2"},
                                                                  {FailureKind::kVirtualRouter, "gw-0"},
                                                                  {FailureKind::kVirtualRouter, "gw-1"},
                                                                  {FailureKind::kMember, "app.example.com/A:a"},
                                                                  {FailureKind::kMember, "app.example.com/A@inside:b"}};
  std::vector<server::SimulatedFailure> failures;
  for (std::size_t left = 1 + random() % 3; left > 0; --left) {
    const auto& [kind, subject] = kSubjects[random() % std::size(kSubjects)];
    failures.push_back(
        {kind, subject, random() % 2 == 0 ? 0s : Duration(std::chrono::milliseconds(random() % 40'000))});
  }
  return failures;
}

}  // namespace

TEST_CASE("simulate: random failures change the answers as they do in reality") {
  std::mt19937 random(kSeed);
  const std::size_t count = ::dns::test::repetitions(1'000, "WAYMARK_SIMULATIONS");
  std::size_t moved = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Course course(random_options(random), random);
    const std::vector<server::SimulatedFailure> failures = random_failures(random);
    const Changes simulated = course.simulated(failures), real = course.real(failures);
    std::string failed;
    for (const auto& each : failures)
      failed += each.subject + " at " + std::to_string(std::chrono::duration<double>(each.at).count()) + "; ";
    CAPTURE(i);
    CAPTURE(failed);
    REQUIRE(text_of(simulated) == text_of(real));
    if (std::ranges::any_of(real, [](const auto& changes) { return !changes.empty(); })) ++moved;
  }
  CHECK(moved > count / 4);
}
