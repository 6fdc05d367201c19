#include "server/control/reply_thread.h"

#include <optional>
#include <string_view>
#include <utility>

#include "server/runtime/thread.h"

namespace server {
namespace {

constexpr int kReplyNiceness = 5;  // answers and decisions are more urgent

}  // namespace

dns::Result<void, std::string> ReplyThread::start() {
  const auto run_jobs = [this] {
    while (const std::optional<Job> job = jobs_.take()) (*job)();
  };
  auto thread = start_thread({"control-reply", std::nullopt, kReplyNiceness},
                             [run_jobs] { run_until_done(run_jobs, [](std::string_view) {}); });
  if (!thread) return dns::Failure(thread.error());
  thread_ = std::move(*thread);
  return {};
}

bool ReplyThread::post(Job job) {
  bool accepted = true;
  jobs_.post([&](std::deque<Job>& jobs) {
    accepted = jobs.size() < kMaxJobs;
    if (accepted) jobs.push_back(std::move(job));
  });
  return accepted;
}

void ReplyThread::end() {
  const std::deque<Job> dropped = jobs_.close();
  if (thread_.joinable()) thread_.join();
}

}  // namespace server
