// The thread that waits for the disk, so that the writer does not: it syncs files, and writes and syncs new ones.
//
// Jobs run in the order in which they were given. The outcome of a job goes into the SyncResults of its journal, which
// the writer reads in `ZoneJournal::maintain`. Without a thread (tests) `settle` and `wait_until_idle` run the jobs on
// the caller's.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "server/journal/disk.h"
#include "server/journal/record.h"
#include "server/runtime/mailbox.h"

namespace server {

// The outcomes of a journal's jobs. Any thread.
class SyncResults {
 public:
  struct Outcome {
    std::optional<dns::Serial> ceiling;   // on the disk: serials up to here may be given out
    std::shared_ptr<DiskFile> rewritten;  // synced, not yet under its final name. Shared with jobs
    bool rewrite_failed = false;
    std::string error;  // of a sync or a write; empty: none
  };
  // What was added since the last call.
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
  ~Syncer() { jobs_.finish(); }
  // `on_done` is called on the thread after each job that a publication may wait for. The error: no thread can be
  // started.
  DiskResult<void> start(std::function<void()> on_done);

  struct Sync {
    std::shared_ptr<DiskFile> file;
    std::shared_ptr<SyncResults> status;  // shared: a journal may end before its jobs
    std::optional<dns::Serial> ceiling;   // reserved in `file`; given out once the directory is synced as well
  };
  struct Rewrite {
    std::string name;
    Octets octets;
    std::shared_ptr<SyncResults> status;
  };
  void sync(Sync job);
  void rewrite(Rewrite job);
  // Without a thread: runs the jobs. With one it does nothing: who needs the outcome comes back after `on_done`.
  void settle();
  // Waits until all jobs are done; without a thread it runs them.
  void wait_until_idle();
  // False if that takes longer than `timeout`.
  bool wait_until_idle(std::chrono::milliseconds timeout);

 private:
  struct Job {
    std::optional<Sync> sync;
    std::optional<Rewrite> rewrite;
  };
  void add(Job job);
  void run_jobs();
  void run_job(Job& job);
  void run_or_fail(Job& job);

  Disk& disk_;
  std::function<void()> on_done_;
  Mailbox<std::deque<Job>, TakeFirst> jobs_;
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace server
