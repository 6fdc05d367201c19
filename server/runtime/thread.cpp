#include "server/runtime/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "server/runtime/memory_reserve.h"

namespace server {
namespace {

constexpr std::size_t kMaxThreadName = 15;
constexpr std::chrono::milliseconds kFailurePause{10};

// All signals, for the life of the object: a thread that starts meanwhile never has them, not even for its first
// instruction.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set);
}

bool succeeds(const auto& work) {
  try {
    work();
    return true;
  } catch (const std::exception&) {
    return false;
  }
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

dns::Result<std::jthread, std::string> start_thread(const ThreadOptions& options, std::function<void()> body) {
  const BlockedSignals blocked;
  try {
    return std::jthread([name = options.name.substr(0, kMaxThreadName), cpu = options.cpu, niceness = options.niceness,
                         waits = options.without_memory == WithoutMemory::kWait, run = std::move(body)] {
      const WaitsForMemory at_shortage(waits);
      ::pthread_setname_np(::pthread_self(), name.c_str());
      if (cpu) pin(*cpu);
      if (niceness != 0)
        ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);  // on Linux only this thread is affected
      run();
    });
  } catch (const std::system_error& error) {
    return dns::Failure(error.code().message());
  } catch (const std::bad_alloc&) {
    return dns::Failure(std::generic_category().message(ENOMEM));
  }
}

void run_until_done(const std::function<void()>& work, const std::function<void(std::string_view what)>& on_failure) {
  for (;;) {
    try {
      return work();
    } catch (const std::exception& error) {
      while (!succeeds([&] { on_failure(error.what()); })) std::this_thread::sleep_for(kFailurePause);
    }
  }
}

}  // namespace server
