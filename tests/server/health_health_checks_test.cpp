// HealthChecks with file checks, which need no network: replacement, saved states, counters and callbacks.
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <doctest/doctest.h>

#include "server/health/health_checks.h"
#include "tests/support/allocations.h"

namespace {

using namespace server;
using namespace std::chrono_literals;

// A temporary directory. The destructor removes it.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("waymark-health-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }
  std::string path(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

CheckOptions file_check(const std::string& name, const std::string& path, Duration interval = 1h) {
  CheckOptions check;
  check.monitor.name = name;
  check.monitor.kind = ProbeKind::kFile;
  check.monitor.file = path;
  check.monitor.timeout = 1h;
  check.monitor.interval = interval;
  check.target = boost::asio::ip::make_address("192.0.2.1");
  return check;
}

CheckOptions exec_check(const std::string& name, std::vector<std::string> command, Duration interval) {
  CheckOptions check = file_check(name, "", interval);
  check.monitor.kind = ProbeKind::kExec;
  check.monitor.command = std::move(command);
  check.monitor.timeout = interval;
  return check;
}

struct Scene {
  boost::asio::io_context context;
  std::vector<std::string> events;
  HealthChecks checks{context,
                      {.on_change =
                           [this](std::size_t index, const CheckState& state) {
                             events.push_back(std::to_string(index) + (state.health == Health::kUp     ? " up"
                                                                       : state.health == Health::kDown ? " down"
                                                                                                       : " unknown"));
                           },
                       .first_round_done = [this] { events.push_back("first round"); }}};
  // Runs all handlers that are ready.
  void settle() {
    context.restart();
    while (context.poll() > 0) {
    }
  }
  std::uint64_t results(Outcome outcome) const {
    return checks.counters().results[static_cast<std::size_t>(ProbeKind::kFile)][static_cast<std::size_t>(outcome)];
  }
};

using Events = std::vector<std::string>;
constexpr std::chrono::system_clock::time_point kWall{1763844000s};

}  // namespace

TEST_CASE("health checks: the key of a check contains monitor, target, source, device and DSCP") {
  CheckOptions check = file_check("web", "");
  CHECK(check_key(check) == "web 192.0.2.1");
  check.source = boost::asio::ip::make_address("192.0.2.9");
  check.device = "eth1";
  check.monitor.dscp = 46;
  CHECK(check_key(check) == "web 192.0.2.1 from 192.0.2.9 device eth1 dscp 46");
}

TEST_CASE("health checks: the first round gives each check a result and calls first_round_done once") {
  const Folder folder;
  Scene scene;
  scene.checks.replace({file_check("a", folder.write("a", "up latency=5ms")),
                        file_check("b", folder.write("b", "down")), file_check("c", folder.path("none"))});
  CHECK(scene.events.empty());  // no callback during replace()
  CHECK(scene.checks.states().size() == 3);
  scene.settle();
  CHECK(scene.events == Events{"0 up", "1 down", "first round"});
  CHECK(scene.checks.states()[0].quality.latency == 5ms);
  CHECK(scene.checks.states()[2].health == Health::kUnknown);
  CHECK(scene.results(Outcome::kOk) == 1);
  CHECK(scene.results(Outcome::kFailed) == 1);
  CHECK(scene.results(Outcome::kUnknown) == 1);
  CHECK(scene.checks.counters().transitions == 2);
}

TEST_CASE("health checks: after an exception at any allocation, `restart` lets each check go on") {
  using ::dns::test::Shortage;
  const Folder folder;
  std::uint64_t nth = 1;
  for (Shortage last{}; nth == 1 || last != Shortage::kNotReached; ++nth) {
    Scene scene;
    const auto work = boost::asio::make_work_guard(scene.context);  // else an exception may end it
    CheckOptions check = file_check("a", folder.write("a", "up"), 10ms);
    check.monitor.fall = 1;
    scene.checks.replace({check});
    scene.settle();
    REQUIRE(scene.events == Events{"0 up", "first round"});
    const std::uint64_t probes = scene.checks.states()[0].probes;
    last = ::dns::test::with_shortage(nth, 3, [&] {
      while (scene.checks.states()[0].probes == probes) scene.context.run_one();
    });
    if (last == Shortage::kThrown) scene.checks.restart();
    folder.write("a", "down");
    while (scene.events.back() != "0 down") scene.context.run_one();
    if (!::dns::test::kCountsAllocations) return;
  }
  CHECK(nth > 5);
}

TEST_CASE("health checks: the first round completes without checks") {
  Scene scene;
  scene.checks.replace({});
  scene.settle();
  CHECK(scene.events == Events{"first round"});
}

TEST_CASE("health checks: replace keeps the state of an unchanged check at a new index and resets a changed check") {
  const Folder folder;
  Scene scene;
  const CheckOptions a = file_check("a", folder.write("a", "up")), b = file_check("b", folder.write("b", "up"));
  scene.checks.replace({a, b});
  scene.settle();
  const CheckState before = scene.checks.states()[1];
  scene.events.clear();
  CheckOptions changed = a;
  changed.monitor.fall = 7;
  scene.checks.replace({b, changed});
  CHECK(scene.checks.states()[0].since == before.since);
  CHECK(scene.checks.states()[0].probes == 1);
  CHECK(scene.checks.states()[1].health == Health::kUnknown);
  scene.settle();
  CHECK(scene.events == Events{"1 up", "first round"});
  CHECK(scene.results(Outcome::kOk) == 3);  // b did not run again
}

TEST_CASE("health checks: a check that is replaced or stopped before its result makes no callback") {
  const Folder folder;
  Scene scene;
  const CheckOptions a = file_check("a", folder.write("a", "up"));
  scene.checks.replace({a});
  scene.checks.replace({});
  scene.settle();
  CHECK(scene.events == Events{"first round"});
  scene.checks.replace({a});
  scene.checks.stop();
  scene.settle();
  CHECK(scene.events == Events{"first round"});
}

TEST_CASE("health checks: a callback may replace all checks") {
  const Folder folder;
  boost::asio::io_context context;
  const CheckOptions a = file_check("a", folder.write("a", "up")), b = file_check("b", folder.write("b", "down"));
  int calls = 0;
  HealthChecks* registry = nullptr;
  HealthChecks checks(context, {.on_change =
                                    [&](std::size_t, const CheckState&) {
                                      if (++calls == 1) registry->replace({b});
                                    },
                                .first_round_done = {}});
  registry = &checks;
  checks.replace({a, b});
  while (context.poll() > 0) {
  }
  CHECK(checks.states().size() == 1);
  CHECK(checks.states()[0].health == Health::kDown);
}

TEST_CASE("health checks: a restart restores the saved health, and one failure of three does not change it") {
  const Folder folder;
  const Instant now = std::chrono::steady_clock::now();
  Scene before;
  const CheckOptions a = file_check("a", folder.write("a", "up")), b = file_check("b", folder.write("b", "down"));
  before.checks.replace({a, b});
  before.settle();
  const std::string saved = before.checks.save(std::chrono::steady_clock::now(), kWall);
  CHECK(saved == "up 1763843999 a 192.0.2.1\ndown 1763843999 b 192.0.2.1\n");
  folder.write("a", "down");
  Scene after;
  after.checks.restore("garbage\nup x a 192.0.2.1\n" + saved + "up 5", now, kWall + 60s);
  after.checks.replace({a, b});
  CHECK(after.checks.states()[0].health == Health::kUp);
  CHECK(after.checks.states()[0].since == now - 61s);
  CHECK(after.checks.states()[1].health == Health::kDown);
  after.settle();
  CHECK(after.checks.states()[0].health == Health::kUp);  // one of three failures
  CHECK(after.events == Events{"first round"});
}

TEST_CASE("health checks: 5000 checks share the probe slots, and each check gets a result") {
  const Folder folder;
  Scene scene;
  std::vector<CheckOptions> checks;
  const std::string path = folder.write("a", "up");
  for (int i = 0; i < 5000; ++i) checks.push_back(file_check("m" + std::to_string(i), path));
  scene.checks.replace(checks);
  scene.settle();
  CHECK(scene.events.size() == 5001);
  CHECK(scene.events.back() == "first round");
  CHECK(scene.checks.counters().late > 0);
}

TEST_CASE("health checks: programs that hang do not hold back a program that ends in time, and are told to be late") {
  Scene scene;
  std::vector<CheckOptions> checks;
  for (const char* name : {"hang-a", "hang-b", "hang-c"}) checks.push_back(exec_check(name, {"sleep", "600"}, 1h));
  checks.push_back(exec_check("quick", {"true"}, 50ms));
  checks.back().monitor.timeout = 1min;  // else it counts as one that hangs where the machine is slow
  const Instant now = std::chrono::steady_clock::now();
  scene.checks.restore("up 1763844000 hang-c 192.0.2.1\n", now, kWall);
  scene.checks.replace(checks, 2);
  while (scene.checks.states()[3].probes < 5) scene.context.run_one();
  CHECK(scene.checks.states()[3].health == Health::kUp);
  CHECK(!scene.checks.states()[2].late);
  scene.checks.expire(now + 90min);
  CHECK(!scene.checks.states()[0].late);  // it runs
  CHECK(scene.checks.states()[2].late);
  CHECK(scene.checks.states()[2].health == Health::kUp);
  scene.checks.expire(now + 4h);
  CHECK(scene.checks.states()[2].health == Health::kUnknown);
  CHECK(scene.checks.states()[2].detail == "no result in time: the probe waits for a free slot");
  scene.checks.stop();
  while (::waitpid(-1, nullptr, 0) > 0) {  // the killed programs
  }
}
