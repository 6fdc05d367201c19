#include "server/runtime/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <utility>

namespace server {
namespace {

constexpr std::size_t kMaxThreadName = 15;

void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set);
}

}  // namespace

std::vector<int> allowed_cpus() {
  std::vector<int> cpus;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) {
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) cpus.push_back(cpu);
  }
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

std::jthread start_thread(const ThreadOptions& options, std::function<void()> body) {
  // Blocked before the thread exists, so a signal cannot reach even its first instruction.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::jthread thread([name = options.name.substr(0, kMaxThreadName), cpu = options.cpu, niceness = options.niceness,
                       run = std::move(body)] {
    ::pthread_setname_np(::pthread_self(), name.c_str());
    if (cpu) pin(*cpu);
    if (niceness != 0)
      ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);  // on Linux only this thread is affected
    run();
  });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace server
