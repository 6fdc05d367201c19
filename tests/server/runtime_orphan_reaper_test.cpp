#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include <doctest/doctest.h>

#include "server/runtime/orphan_reaper.h"

using namespace std::chrono_literals;
using server::Instant, server::OrphanReaper, server::ProcessState;

namespace {

constexpr Instant kReaperStart{1h};

// Blocks until a child is dead, and leaves it.
pid_t dead_child() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == 0 ? info.si_pid : -1;
}

// In a process of its own that gets orphans: 0 if all is right, otherwise the number of the step.
int reap_orphans() {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || !OrphanReaper::gets_orphans()) return 1;
  boost::asio::io_context context;
  OrphanReaper reaper(context);
  if (reaper.reap(kReaperStart) != 0) return 2;
  const pid_t program = ::fork();  // as a probe starts its program: a process group of its own
  if (program == 0) {
    ::setpgid(0, 0);
    if (::fork() == 0) ::_exit(7);  // left behind in the program's group
    ::_exit(3);
  }
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(program), &info, WEXITED | WNOWAIT) != 0) return 3;
  // The orphan is reaped, and the program's exit state stays for its probe.
  int reaped = 0;
  for (int i = 0; reaped == 0 && i < 100'000; ++i) reaped = reaper.reap(kReaperStart), ::sched_yield();
  if (reaped != 1 || dead_child() != program) return 4;
  if (reaper.reap(kReaperStart + OrphanReaper::kPatience - 1s) != 0) return 5;
  int status = 0;
  if (::waitpid(program, &status, 0) != program || WEXITSTATUS(status) != 3) return 6;
  // A dead leader of a group that nobody waits for.
  const pid_t leader = ::fork();
  if (leader == 0) ::setpgid(0, 0), ::_exit(0);
  if (dead_child() != leader || reaper.reap(kReaperStart) != 0) return 7;
  return reaper.reap(kReaperStart + OrphanReaper::kPatience) == 1 ? 0 : 8;
}

}  // namespace

TEST_CASE("orphans: are reaped, and programs of probes keep their exit state") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(reap_orphans());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("orphans: reads the state of a process with any name") {
  using server::parse_process_state;
  CHECK(parse_process_state("17 (sh) Z 1 15 9 0 -1") == ProcessState{1, 15, 9, 'Z'});
  CHECK(parse_process_state("17 (a) Z 2 (b)) S 4 17 17 0") == ProcessState{4, 17, 17, 'S'});
  for (const char* wrong :
       {"", "17", "17 (sh)", "17 (sh) Z", "17 (sh) Z 1 15", "17 (sh) ZZ 1 15 9", "17 (sh) Z x 15 9"})
    CHECK_MESSAGE(!parse_process_state(wrong), std::string(wrong));
}
