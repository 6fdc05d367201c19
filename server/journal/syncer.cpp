#include "server/journal/syncer.h"

#include <new>
#include <utility>

#include "server/runtime/thread.h"

namespace server {

SyncResults::Outcome SyncResults::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(outcome_, {});
}

void SyncResults::raise_ceiling(dns::Serial ceiling) {
  const std::lock_guard lock(mutex_);
  outcome_.ceiling = ceiling;
}

void SyncResults::rewritten(std::shared_ptr<DiskFile> file) {
  const std::lock_guard lock(mutex_);
  outcome_.rewritten = std::move(file);
}

void SyncResults::rewrite_failed(std::string error) {
  const std::lock_guard lock(mutex_);
  outcome_.rewrite_failed = true;
  outcome_.error = std::move(error);
}

void SyncResults::sync_failed(std::string error) {
  const std::lock_guard lock(mutex_);
  outcome_.error = std::move(error);
}

DiskResult<void> Syncer::start(std::function<void()> on_done) {
  on_done_ = std::move(on_done);
  auto thread = start_thread({"journal", std::nullopt, 0}, [this] { run_jobs(); });
  if (!thread) return dns::Failure(thread.error());
  thread_ = std::move(*thread);
  return {};
}

void Syncer::sync(Sync job) { add({std::move(job), std::nullopt}); }
void Syncer::rewrite(Rewrite job) { add({std::nullopt, std::move(job)}); }

// Of several waiting syncs of one file, one is enough.
void Syncer::add(Job job) {
  jobs_.post([&](std::deque<Job>& jobs) {
    if (job.sync && !jobs.empty() && jobs.back().sync && jobs.back().sync->file == job.sync->file) {
      if (job.sync->ceiling) jobs.back().sync->ceiling = job.sync->ceiling;
    } else {
      jobs.push_back(std::move(job));
    }
  });
}

void Syncer::settle() {
  if (thread_.joinable()) return;
  while (std::optional<Job> job = jobs_.take_for({})) run_or_fail(*job);
}

void Syncer::wait_until_idle() {
  settle();
  if (thread_.joinable()) jobs_.wait_until_idle();
}

bool Syncer::wait_until_idle(std::chrono::milliseconds timeout) {
  settle();
  return !thread_.joinable() || jobs_.wait_until_idle(timeout);
}

void Syncer::run_jobs() {
  while (std::optional<Job> job = jobs_.take()) {
    run_or_fail(*job);
    if (job->rewrite || (job->sync && job->sync->ceiling)) on_done_();
  }
}

void Syncer::run_or_fail(Job& job) {
  try {
    run_job(job);
  } catch (const std::bad_alloc&) {
    const char* const words = "no memory";  // a text this short needs none
    if (job.sync) job.sync->status->sync_failed(words);
    if (job.rewrite) job.rewrite->status->rewrite_failed(words);
  }
}

void Syncer::run_job(Job& job) {
  if (job.sync) {
    auto done = job.sync->file->sync();
    if (done && job.sync->ceiling) done = disk_.sync_directory();
    if (!done) return job.sync->status->sync_failed(done.error());
    if (job.sync->ceiling) job.sync->status->raise_ceiling(*job.sync->ceiling);
  }
  if (job.rewrite) {
    auto file = write_file(disk_, job.rewrite->name, job.rewrite->octets);
    if (!file) return job.rewrite->status->rewrite_failed(file.error());
    job.rewrite->status->rewritten(std::move(*file));
  }
}

}  // namespace server
