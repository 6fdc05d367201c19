#include "server/journal/syncer.h"

#include <utility>

#include "server/runtime/thread.h"

namespace server {

SyncStatus::Outcome SyncStatus::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(outcome_, {});
}

void SyncStatus::raise_ceiling(dns::Serial ceiling) {
  const std::lock_guard lock(mutex_);
  outcome_.ceiling = ceiling;
}

void SyncStatus::rewritten(std::shared_ptr<DiskFile> file) {
  const std::lock_guard lock(mutex_);
  outcome_.rewritten = std::move(file);
}

void SyncStatus::rewrite_failed(std::string error) {
  const std::lock_guard lock(mutex_);
  outcome_.rewrite_failed = true;
  outcome_.error = std::move(error);
}

void SyncStatus::sync_failed(std::string error) {
  const std::lock_guard lock(mutex_);
  outcome_.error = std::move(error);
}

Syncer::~Syncer() { ending_.request_stop(); }

void Syncer::start() {
  thread_ = start_thread({"journal", std::nullopt, 0}, [this] { run(); });
}

void Syncer::sync(Sync job) { add({std::move(job), std::nullopt}); }
void Syncer::rewrite(Rewrite job) { add({std::nullopt, std::move(job)}); }

// Of several syncs of one file that wait, one is enough.
void Syncer::add(Job job) {
  const std::lock_guard lock(mutex_);
  if (job.sync && !jobs_.empty() && jobs_.back().sync && jobs_.back().sync->file == job.sync->file) {
    if (job.sync->ceiling) jobs_.back().sync->ceiling = job.sync->ceiling;
    return;
  }
  jobs_.push_back(std::move(job));
  changed_.notify_all();
}

void Syncer::wait_until_idle() {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) return run_jobs(lock);
  changed_.wait(lock, [this] { return jobs_.empty() && !busy_; });
}

void Syncer::run() {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, ending_.get_token(), [this] { return !jobs_.empty(); })) run_jobs(lock);
}

void Syncer::run_jobs(std::unique_lock<std::mutex>& lock) {
  while (!jobs_.empty()) {
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    busy_ = true;
    lock.unlock();
    run_job(job);
    lock.lock();
    busy_ = false;
  }
  changed_.notify_all();
}

void Syncer::run_job(Job& job) {
  if (job.sync) {
    auto done = job.sync->file->sync();
    if (done && job.sync->ceiling) done = disk_.sync_directory();
    if (!done) return job.sync->status->sync_failed(done.error());
    if (job.sync->ceiling) job.sync->status->raise_ceiling(*job.sync->ceiling);
  }
  if (job.rewrite) {
    auto file = disk_.create(job.rewrite->name);
    if (!file) return job.rewrite->status->rewrite_failed(file.error());
    auto done = (*file)->append(job.rewrite->octets);
    if (done) done = (*file)->sync();
    if (!done) return job.rewrite->status->rewrite_failed(done.error());
    job.rewrite->status->rewritten(std::move(*file));
  }
}

}  // namespace server
