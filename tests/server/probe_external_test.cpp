// Exec probes that run real programs: output, exit status, timeout and cancellation, without processes left behind.
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

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
  context.run();  // returns after the last handler, also after the one that reaps the child
  ended.left_child = ::waitpid(-1, nullptr, WNOHANG) != -1;
  return ended;
}

std::string text_of(const Ended& ended) {
  if (!ended.result) return "nothing";
  return (ended.result->outcome == Outcome::kOk       ? "ok: "
          : ended.result->outcome == Outcome::kFailed ? "failed: "
                                                      : "unknown: ") +
         ended.result->detail;
}

}  // namespace

TEST_CASE("exec probe: the exit status is the outcome, the output is the detail and the measurements") {
  struct Row {
    const char* script;
    const char* expected;
  };
  const Row rows[] = {
      {"exit 0", "ok: "},
      {"echo latency=12ms loss=1%", "ok: latency=12ms loss=1%"},
      {"echo gone; exit 3", "failed: exit 3: gone"},
      {"echo bad >&2; exit 1", "failed: exit 1: bad"},
      {"kill -TERM $$", "failed: killed by signal 15"},
      {"head -c 100000 /dev/zero | tr '\\0' x; exit 7", nullptr},  // excess output must not block the program
      {"cat; ls /proc/self/fd | wc -l", nullptr},                  // standard input is empty
  };
  for (const Row& row : rows) {
    const Ended ended = run(shell(row.script));
    if (row.expected != nullptr) CHECK(text_of(ended) == row.expected);
    CHECK(ended.result.has_value());
    CHECK(!ended.left_child);
  }
  CHECK(run(shell("echo latency=12ms loss=1%")).result->measurements.latency == 12ms);
  CHECK(run(shell("head -c 100000 /dev/zero; exit 7")).result->outcome == Outcome::kFailed);
}

TEST_CASE("exec probe: passes the arguments without a shell and replaces {address} with the target") {
  CheckOptions check = shell("");
  check.monitor.command = {"echo", "a b", "$HOME", "to {address}:{address}"};
  CHECK(text_of(run(check)) == "ok: a b $HOME to 192.0.2.1:192.0.2.1");
  check.monitor.command = {"/nonexistent/program"};
  CHECK(text_of(run(check)) == "unknown: cannot run /nonexistent/program: No such file or directory");
}

TEST_CASE("exec probe: the program inherits no file descriptors and no blocked signals") {
  // The script tests each number. A directory listing or a pipe would open descriptors itself.
  CHECK(text_of(run(shell(
            "for n in 3 4 5 6 7 8 9 10 20 99; do [ ! -e /proc/$$/fd/$n ] || echo $n; done; echo none"))) == "ok: none");
  // The shell reads the file itself, because it blocks signals while it starts another program.
  CHECK(text_of(run(shell("while read key value; do [ $key != SigBlk: ] || echo $value; done < /proc/$$/status"))) ==
        "ok: 0000000000000000");
}

TEST_CASE("exec probe: a timeout kills the program and its child processes") {
  const auto start = std::chrono::steady_clock::now();
  const Ended ended = run(shell("sleep 30 & sleep 30", 50ms));
  CHECK(text_of(ended) == "failed: no reply in 0.05 s");
  CHECK(!ended.left_child);
  CHECK(std::chrono::steady_clock::now() - start < 10s);
}

TEST_CASE("exec probe: a background process does not delay the result") {
  const auto start = std::chrono::steady_clock::now();
  CHECK(text_of(run(shell("sleep 30 & echo $!"))).starts_with("ok: "));
  CHECK(std::chrono::steady_clock::now() - start < 10s);
}

TEST_CASE("exec probe: a canceled probe makes no callback and leaves no child process") {
  boost::asio::io_context context;
  Prober prober(context);
  bool reported = false;
  const auto probe = prober.start(shell("sleep 30"), [&](const ProbeResult&) { reported = true; });
  probe->cancel();
  context.run();
  CHECK(!reported);
  CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
}

TEST_CASE("exec probe: program_fault says why a program cannot be started") {
  MonitorOptions monitor;
  const auto fault = [&](const char* program) {
    monitor.command = {program, "argument"};
    return program_fault(monitor);
  };
  CHECK(fault("/bin/sh").empty());
  CHECK(fault("sh").empty());
  CHECK(fault("/nonexistent/program") == "cannot run /nonexistent/program: No such file or directory");
  CHECK(fault("no-such-program-of-waymark") == "cannot run no-such-program-of-waymark: No such file or directory");
  CHECK(fault("/etc/passwd") == "cannot run /etc/passwd: Permission denied");
  CHECK(fault("/etc/passwd/x") == "cannot run /etc/passwd/x: Not a directory");
}

TEST_CASE("file probe: a file says nothing if it is missing, old, from the future, or has another text") {
  const auto path = std::filesystem::temp_directory_path() / ("waymark-file-" + std::to_string(::getpid()));
  MonitorOptions monitor;
  monitor.file = path.string();
  monitor.timeout = 10s;
  const auto text = [&](std::string_view content, std::chrono::seconds age = {}) {
    std::ofstream(path) << content;
    const auto written = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    std::filesystem::last_write_time(path, std::chrono::file_clock::from_sys(written));
    const ProbeResult result = read_state_file(monitor, written + age);
    return text_of({result, false});
  };
  CHECK(text_of({read_state_file(monitor, {}), false}).ends_with(": No such file or directory"));
  CHECK(text("up latency=12ms") == "ok: up latency=12ms");
  CHECK(text("down, was up") == "failed: down, was up");
  CHECK(text("UP") == "unknown: contains neither `up` nor `down`: `UP`");
  CHECK(text("") == "unknown: contains neither `up` nor `down`: ``");
  CHECK(text("up", 10s) == "ok: up");
  CHECK(text("up", 11s).starts_with("unknown: last written at 20"));
  CHECK(text("up", 11s).ends_with("Z, more than 10 s ago"));
  CHECK(text("up", -1s) == "ok: up");
  CHECK(text("up", -2s).starts_with("unknown: written in the future, at 20"));
  std::filesystem::remove(path);
}
