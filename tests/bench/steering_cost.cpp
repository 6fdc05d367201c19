// Measures the cost of a failover event, from a changed health state to the published record, in one process with many
// names.
//
//     steering_cost time NAMES NAMES_AN_EVENT EVENTS    prints "controller MEDIAN P99 MAX", then "store ..",
//                                                       "whole ..", "memory ..": microseconds of CPU time
//     steering_cost count NAMES NAMES_AN_EVENT EVENTS   calls count_me() once for each event, for callgrind; prints
//                                                       the allocations and the allocated octets of the most
//                                                       expensive event
//
// Every NAMES_AN_EVENT names (at least 100) depend on one virtual router, and each name has its own check. An event is
// a failover of one virtual router, or with NAMES_AN_EVENT 1 the change of one check. "controller" is the time from the
// health state to the overlay, "store" the time from the overlay to the snapshot, with a journal on a disk that keeps
// nothing. "memory" is the text of the saved state.
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "server/failover/failover_controller.h"
#include "server/store/store.h"
#include "tests/support/memory_files.h"
#include "tests/support/steering.h"

namespace {

// A disk that takes everything and keeps nothing: what the journal allocates is the journal's own.
class EndlessDisk : public server::Disk {
 public:
  server::DiskResult<void> lock() override { return {}; }
  server::DiskResult<std::vector<std::string>> list() override { return std::vector<std::string>(); }
  server::DiskResult<std::vector<std::uint8_t>> read(const std::string&) override {
    return std::vector<std::uint8_t>();
  }
  server::DiskResult<std::shared_ptr<server::DiskFile>> create(const std::string&) override {
    return std::make_shared<File>();
  }
  server::DiskResult<void> rename(const std::string&, const std::string&) override { return {}; }
  server::DiskResult<void> remove(const std::string&) override { return {}; }
  server::DiskResult<void> sync_directory() override { return {}; }

 private:
  class File : public server::DiskFile {
   public:
    server::DiskResult<void> append(dns::Bytes) override { return {}; }
    server::DiskResult<void> sync() override { return {}; }
  };
};

struct Allocated {
  std::size_t times = 0, octets = 0;
};
std::atomic<std::size_t> allocated_times{0}, allocated_octets{0};

Allocated allocated() { return {allocated_times, allocated_octets}; }

// The CPU time of this thread, which does all the work. Other work on the machine is not in it.
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

// A server that has evaluated and published its first overlay.
class Scene {
 public:
  Scene(std::size_t names, std::size_t an_event)
      : options_(options_of(names, std::max<std::size_t>(an_event, 100))),
        one_check_(an_event == 1),
        controller_(options_, {}, at_, {}) {
    files_.write("dir/example.zone", zone_of(names));
    journal_ = std::move(*server::Journal::open(std::make_unique<EndlessDisk>()));
    server::StoreOptions store_options;
    store_options.paths = {"dir"};
    store_.emplace(store_options, files_, journal_.get());
    store_->load(observer_);
    for (std::size_t i = 0; i < options_.virtual_routers.size(); ++i)
      facts_.routers.push_back(
          {server::VirtualRouterState::kActive, 0, at_.now, std::nullopt, "advertisement of rtr-a", false});
    facts_.checks.resize(controller_.plan().checks.size());
    for (server::CheckState& check : facts_.checks) check.health = server::Health::kUp;
    if (!publish(controller_.evaluate(facts_, at_).overlay)) std::abort();
  }

  // The change itself, before the server processes it.
  void change(std::size_t event) {
    at_.now += std::chrono::seconds{2};
    at_.wall += std::chrono::seconds{2};
    touched_.clear();
    if (one_check_) {
      touched_.push_back(event / 2 % facts_.checks.size());
      server::CheckState& check = facts_.checks[touched_.back()];
      check.health = event % 2 == 0 ? server::Health::kDown : server::Health::kUp;
      check.since = at_.now;
    } else {
      server::VirtualRouterStatus& router = facts_.routers[event % facts_.routers.size()];
      router.active = 1 - *router.active;
      router.since = at_.now;
    }
  }

  // The server's inputs tell which checks have results.
  std::optional<server::Overlay> decide() {
    return controller_.evaluate({facts_.routers, facts_.checks, server::TouchedChecks(touched_)}, at_).overlay;
  }
  // Returns true if a record has changed.
  bool publish(std::optional<server::Overlay> overlay) {
    return overlay && store_->apply_overlay(std::move(*overlay), observer_) == server::OverlayOutcome::kChanged;
  }
  std::string saved() { return server::to_json(controller_.state_to_save(at_)); }

 private:
  server::SteeringOptions options_;
  bool one_check_;
  server::MemoryFiles files_;
  std::unique_ptr<server::Journal> journal_;
  std::optional<server::Store> store_;
  NullObserver observer_;
  server::Moment at_{server::Instant{std::chrono::hours{1}}, server::WallTime{std::chrono::hours{500'000}}};
  server::FailoverController controller_;
  server::HealthState facts_;
  std::vector<std::size_t> touched_;  // by the last change
};

void print_times(Scene& scene, std::size_t events) {
  Times in_controller, in_store, whole, memory;
  for (std::size_t event = 0; event < events; ++event) {
    scene.change(event);
    const auto begun = Clock::now();
    auto overlay = scene.decide();
    const auto decided = Clock::now();
    scene.publish(std::move(overlay));
    const auto published = Clock::now();
    const std::string saved = scene.saved();
    in_controller.add(begun, decided);
    in_store.add(decided, published);
    whole.add(begun, published);
    memory.add(published, Clock::now());
  }
  in_controller.print("controller");
  in_store.print("store");
  whole.print("whole");
  memory.print("memory");
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  allocated_times.fetch_add(1, std::memory_order_relaxed);
  allocated_octets.fetch_add(size, std::memory_order_relaxed);
  if (void* const room = std::malloc(size == 0 ? 1 : size)) return room;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* room) noexcept { std::free(room); }
[[gnu::noinline]] void operator delete(void* room, std::size_t) noexcept { std::free(room); }

// callgrind finds this function by its name. Returns true if a record has changed.
extern "C" [[gnu::noinline]] bool count_me(void* scene) {
  auto& counted = *static_cast<Scene*>(scene);
  return counted.publish(counted.decide());
}

int main(int count, char** words) {
  const std::string_view mode = count > 1 ? words[1] : "";
  if (count != 5 || (mode != "time" && mode != "count")) {
    std::fprintf(stderr, "steering_cost time|count NAMES NAMES_AN_EVENT EVENTS\n");
    return 2;
  }
  const std::size_t names = std::strtoul(words[2], nullptr, 10), an_event = std::strtoul(words[3], nullptr, 10);
  const std::size_t events = std::strtoul(words[4], nullptr, 10);
  Scene scene(names, an_event);
  if (mode == "time") {
    print_times(scene, events);
    return 0;
  }
  std::size_t changed = 0;
  Allocated most;
  for (std::size_t event = 0; event < events; ++event) {
    scene.change(event);
    const Allocated before = allocated();
    changed += count_me(&scene) ? 1 : 0;
    const Allocated after = allocated();
    most = {std::max(most.times, after.times - before.times), std::max(most.octets, after.octets - before.octets)};
  }
  std::printf("%zu events, %zu changed an answer; at most %zu allocations, %zu octets\n", events, changed, most.times,
              most.octets);
  return 0;
}
