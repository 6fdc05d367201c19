// From a check result to the published answer, in one process: many managed names, of which one event concerns some.
//
//     steering_cost NAMES NAMES_AN_EVENT EVENTS     prints a line each: "controller MEDIAN P99 MAX", in microseconds of
//     processor time; "store ..", "whole ..", "memory .."
//
// Names hang on virtual routers, so many on each, and each has a check of its own. An event: one of the virtual routers
// fails over, or (NAMES_AN_EVENT 1) a check turns. FailoverController: health to overlay. Store: overlay to snapshot,
// with journals whose disk is memory. SavedState: the text of what is remembered, which is made between two events.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "server/failover/failover_controller.h"
#include "server/store/store.h"
#include "tests/support/memory_disk.h"
#include "tests/support/memory_files.h"
#include "tests/support/steering.h"

namespace {

// The processor's time of this thread, on which all of it happens: what others do on the machine is not in it.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static time_point now() {
    timespec at{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return time_point(std::chrono::seconds{at.tv_sec} + std::chrono::nanoseconds{at.tv_nsec});
  }
};

struct NullObserver : server::LoadObserver {
  void on_zone(const server::ZoneReport&) override {}
  void on_error(const std::string& words) override { std::fprintf(stderr, "%s\n", words.c_str()); }
  void on_progress(std::size_t, std::size_t) override {}
};

struct Times {
  std::vector<double> taken;  // microseconds

  void add(Clock::time_point begun, Clock::time_point ended) {
    taken.push_back(std::chrono::duration<double, std::micro>(ended - begun).count());
  }
  void print(const char* what) {
    std::ranges::sort(taken);
    std::printf("%s %.0f %.0f %.0f\n", what, taken[taken.size() / 2], taken[taken.size() * 99 / 100], taken.back());
  }
};

server::SteeringOptions options_of(std::size_t names, std::size_t names_a_router) {
  server::SteeringOptions options;
  for (std::size_t i = 0; i < names; ++i) {
    if (i % names_a_router == 0)
      options.virtual_routers.push_back(steered::virtual_router(("gw" + std::to_string(i / names_a_router)).c_str()));
    const std::size_t router = i / names_a_router;
    server::MemberOptions a = steered::routed(steered::member("a", "203.0.113.10"), router, 0);
    server::MemberOptions b = steered::routed(steered::member("b", "198.51.100.10"), router, 1);
    const std::string target =
        "10." + std::to_string(i >> 16 & 255) + "." + std::to_string(i >> 8 & 255) + "." + std::to_string(i & 255);
    a.checks = b.checks = {steered::check("web", target.c_str())};
    options.records.push_back(
        steered::record(("h" + std::to_string(i) + ".example").c_str(), server::Policy::kFailover, {a, b}));
    options.records.back().failback_delay = {};
    options.records.back().damp_transitions = 0;
  }
  return options;
}

std::string zone_of(std::size_t names) {
  std::string text = "$TTL 300\n@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n";
  for (std::size_t i = 0; i < names; ++i) text += "h" + std::to_string(i) + " A 192.0.2.10\n";
  return text;
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) return 2;
  const std::size_t names = std::strtoul(words[1], nullptr, 10), an_event = std::strtoul(words[2], nullptr, 10),
                    events = std::strtoul(words[3], nullptr, 10);
  const server::SteeringOptions options = options_of(names, std::max<std::size_t>(an_event, 100));
  server::MemoryFiles files;
  server::MemoryDisk disk;
  files.write("dir/example.zone", zone_of(names));
  auto journals = server::Journals::open(disk.disk());
  if (!journals) return 3;
  server::StoreOptions store_options;
  store_options.paths = {"dir"};
  server::Store store(store_options, files, journals->get());
  NullObserver observer;
  store.load(observer);
  server::Moment at{server::Instant{std::chrono::hours{1}}, server::WallTime{std::chrono::hours{500'000}}};
  server::FailoverController controller(options, {}, at, {});
  server::HealthState health;
  for (std::size_t i = 0; i < options.virtual_routers.size(); ++i)
    health.routers.push_back(
        {server::VirtualRouterState::kActive, 0, at.now, std::nullopt, "advertisement of rtr-a", false});
  health.checks.resize(controller.plan().checks.size());
  for (server::CheckState& check : health.checks) check.health = server::Health::kUp;
  const auto first = controller.evaluate(health, at);
  if (!first.overlay || store.apply_overlay(*first.overlay, observer) != server::OverlayOutcome::kChanged) return 4;

  Times in_controller, in_store, whole, memory;
  for (std::size_t event = 0; event < events; ++event) {
    at.now += std::chrono::seconds{2};
    at.wall += std::chrono::seconds{2};
    if (an_event == 1) {
      server::CheckState& check = health.checks[event / 2 % health.checks.size()];
      check.health = event % 2 == 0 ? server::Health::kDown : server::Health::kUp;
      check.since = at.now;
    } else {
      server::VirtualRouterStatus& router = health.routers[event % health.routers.size()];
      router.active = 1 - *router.active;
      router.since = at.now;
    }
    const auto begun = Clock::now();
    auto result = controller.evaluate(server::HealthState(health), at);
    const auto decided = Clock::now();
    if (result.overlay) store.apply_overlay(std::move(*result.overlay), observer);
    const auto published = Clock::now();
    const std::string remembered = server::to_json(controller.state_to_save(at));
    in_controller.add(begun, decided);
    in_store.add(decided, published);
    whole.add(begun, published);
    memory.add(published, Clock::now());
  }
  in_controller.print("helm");
  in_store.print("store");
  whole.print("whole");
  memory.print("memory");
  return 0;
}
