// Programs as probes, real ones: what they print and how they end, how they are ended, and that nothing of them is
// left.
#include <sys/wait.h>

#include <doctest/doctest.h>

#include "server/probe/prober.h"

namespace {

using namespace server;
using namespace std::chrono_literals;

CheckOptions shell(const std::string& script, Duration timeout = 10s) {
  CheckOptions check;
  check.monitor.name = "script";
  check.monitor.kind = ProbeKind::kExec;
  check.monitor.command = {"/bin/sh", "-c", script};
  check.monitor.timeout = timeout;
  check.target = boost::asio::ip::make_address("192.0.2.1");
  return check;
}

struct Ended {
  std::optional<ProbeResult> result;
  bool left_child = false;
};

Ended run(const CheckOptions& check) {
  boost::asio::io_context context;
  Prober prober(context);
  Ended ended;
  const auto probe = prober.start(check, [&](const ProbeResult& result) { ended.result = result; });
  context.run();  // until the last handler: the one that reaps is among them
  ended.left_child = ::waitpid(-1, nullptr, WNOHANG) != -1;
  return ended;
}

std::string told(const Ended& ended) {
  if (!ended.result) return "nothing";
  return (ended.result->outcome == Outcome::kOk       ? "ok: "
          : ended.result->outcome == Outcome::kFailed ? "failed: "
                                                      : "unknown: ") +
         ended.result->detail;
}

}  // namespace

TEST_CASE("a program's exit is its verdict, its output the detail and the measures") {
  struct Row {
    const char* script;
    const char* told;
  };
  const Row rows[] = {
      {"exit 0", "ok: "},
      {"echo latency=12ms loss=1%", "ok: latency=12ms loss=1%"},
      {"echo gone; exit 3", "failed: exit 3: gone"},
      {"echo bad >&2; exit 1", "failed: exit 1: bad"},
      {"kill -TERM $$", "failed: killed by signal 15"},
      {"head -c 100000 /dev/zero | tr '\\0' x; exit 7", nullptr},  // more than is kept must not hold it up
      {"cat; ls /proc/self/fd | wc -l", nullptr},                  // input from nowhere
  };
  for (const Row& row : rows) {
    const Ended ended = run(shell(row.script));
    if (row.told != nullptr) CHECK(told(ended) == row.told);
    CHECK(ended.result.has_value());
    CHECK(!ended.left_child);
  }
  CHECK(run(shell("echo latency=12ms loss=1%")).result->measurements.latency == 12ms);
  CHECK(run(shell("head -c 100000 /dev/zero; exit 7")).result->outcome == Outcome::kFailed);
}

TEST_CASE("there is no shell between: words stay words, and {address} is the target's") {
  CheckOptions check = shell("");
  check.monitor.command = {"echo", "a b", "$HOME", "to {address}:{address}"};
  CHECK(told(run(check)) == "ok: a b $HOME to 192.0.2.1:192.0.2.1");
  check.monitor.command = {"/nonexistent/program"};
  CHECK(told(run(check)) == "unknown: cannot run /nonexistent/program: No such file or directory");
}

TEST_CASE("nothing of ours is open in it, and no signal blocked") {
  // Asked one by one: listing them, or a pipe, would open some.
  CHECK(told(run(shell("for n in 3 4 5 6 7 8 9 10 20 99; do [ ! -e /proc/$$/fd/$n ] || echo $n; done; echo none"))) ==
        "ok: none");
  // By the shell itself: it blocks signals while it starts another program.
  CHECK(told(run(shell("while read key value; do [ $key != SigBlk: ] || echo $value; done < /proc/$$/status"))) ==
        "ok: 0000000000000000");
}

TEST_CASE("a timeout kills it with all that it started") {
  const auto begun = std::chrono::steady_clock::now();
  const Ended ended = run(shell("sleep 30 & sleep 30", 50ms));
  CHECK(told(ended) == "failed: no reply in 0.05 s");
  CHECK(!ended.left_child);
  CHECK(std::chrono::steady_clock::now() - begun < 10s);
}

TEST_CASE("what it leaves in the background goes with it, and does not hold up the result") {
  const auto begun = std::chrono::steady_clock::now();
  CHECK(told(run(shell("sleep 30 & echo $!"))).starts_with("ok: "));
  CHECK(std::chrono::steady_clock::now() - begun < 10s);
}

TEST_CASE("one that is ended says nothing and is gone") {
  boost::asio::io_context context;
  Prober prober(context);
  bool reported = false;
  const auto probe = prober.start(shell("sleep 30"), [&](const ProbeResult&) { reported = true; });
  probe->cancel();
  context.run();
  CHECK(!reported);
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}
