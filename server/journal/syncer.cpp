#include "server/journal/syncer.h"

#include <utility>

#include "server/runtime/thread.h"

namespace server {

Durable::Outcome Durable::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(outcome_, {});
}

void Durable::raise_ceiling(dns::Serial ceiling) {
  const std::lock_guard lock(mutex_);
  outcome_.ceiling = ceiling;
}

void Durable::rewritten(std::shared_ptr<DiskFile> file) {
  const std::lock_guard lock(mutex_);
  outcome_.rewritten = std::move(file);
}

void Durable::failed_to_rewrite(std::string fault) {
  const std::lock_guard lock(mutex_);
  outcome_.rewriting_failed = true;
  outcome_.fault = std::move(fault);
}

void Durable::failed_to_sync(std::string fault) {
  const std::lock_guard lock(mutex_);
  outcome_.fault = std::move(fault);
}

Syncer::~Syncer() {
  ending_.request_stop();
}

void Syncer::start() {
  thread_ = start_thread({"journal", std::nullopt, 0}, [this] { work(); });
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

void Syncer::run_all() {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) return work_through(lock);
  changed_.wait(lock, [this] { return jobs_.empty() && !busy_; });
}

void Syncer::work() {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, ending_.get_token(), [this] { return !jobs_.empty(); })) work_through(lock);
}

void Syncer::work_through(std::unique_lock<std::mutex>& lock) {
  while (!jobs_.empty()) {
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    busy_ = true;
    lock.unlock();
    perform(job);
    lock.lock();
    busy_ = false;
  }
  changed_.notify_all();
}

void Syncer::perform(Job& job) {
  if (job.sync) {
    auto done = job.sync->file->sync();
    if (done && job.sync->ceiling) done = disk_.sync_directory();
    if (!done) return job.sync->durable->failed_to_sync(done.error());
    if (job.sync->ceiling) job.sync->durable->raise_ceiling(*job.sync->ceiling);
  }
  if (job.rewrite) {
    auto file = disk_.create(job.rewrite->name);
    if (!file) return job.rewrite->durable->failed_to_rewrite(file.error());
    auto done = (*file)->append(job.rewrite->octets);
    if (done) done = (*file)->sync();
    if (!done) return job.rewrite->durable->failed_to_rewrite(done.error());
    job.rewrite->durable->rewritten(std::move(*file));
  }
}

}  // namespace server
