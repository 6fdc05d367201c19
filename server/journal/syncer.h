// The thread that waits for the disk so that nobody else has to: syncs files, writes and syncs new ones.
//
// Jobs are done in the order they came; what a job did is left in the SyncStatus of its journal, which the writer looks
// at when it comes by. Without a thread (tests) `wait_until_idle` does the jobs where it is called.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "server/journal/disk.h"
#include "server/journal/record.h"

namespace server {

// What a journal's jobs have come to. Any thread.
class SyncStatus {
 public:
  struct Outcome {
    std::optional<dns::Serial> ceiling;   // on the disk: serials up to here may be given out
    std::shared_ptr<DiskFile> rewritten;  // synced, not yet under its final name. Shared with jobs
    bool rewrite_failed = false;
    std::string error;  // of a sync or a write; empty: none
  };
  // What has come since the last time.
  Outcome take();
  void raise_ceiling(dns::Serial ceiling);
  void rewritten(std::shared_ptr<DiskFile> file);
  void rewrite_failed(std::string error);
  void sync_failed(std::string error);

 private:
  std::mutex mutex_;  // guards all
  Outcome outcome_;
};

class Syncer {
 public:
  explicit Syncer(Disk& disk) : disk_(disk) {}
  ~Syncer();
  void start();

  struct Sync {
    std::shared_ptr<DiskFile> file;
    std::shared_ptr<SyncStatus> status;  // shared: a journal may end before its jobs
    std::optional<dns::Serial> ceiling;  // reserved in `file`; given out once the directory is synced as well
  };
  struct Rewrite {
    std::string name;
    Octets octets;
    std::shared_ptr<SyncStatus> status;
  };
  void sync(Sync job);
  void rewrite(Rewrite job);
  // Waits until all that was asked for is done; without a thread it is done here.
  void wait_until_idle();

 private:
  struct Job {
    std::optional<Sync> sync;
    std::optional<Rewrite> rewrite;
  };
  void add(Job job);
  void run();
  void run_jobs(std::unique_lock<std::mutex>& lock);
  void run_job(Job& job);

  Disk& disk_;
  std::mutex mutex_;  // guards the jobs
  std::condition_variable_any changed_;
  std::deque<Job> jobs_;
  bool busy_ = false;
  std::stop_source ending_;
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace server
