// The thread that writes the journal. Everybody else only hands records to it and goes on.
//
//     other thread    post(record, position) -> mailbox
//     this thread     all that waits -> contents, one append -> one sync -> `progress` says up to which position
//
// So the records that arrive while the disk is busy are synced together. Where an append or a sync fails, or the
// segments have grown, the thread writes a checkpoint: the contents as a new file. A checkpoint makes good whatever
// failed before it. The files that it replaces are removed.
//
// Without a thread (tests) `settle` does the work on the caller's. Nothing that waits is lost where memory runs out.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

#include "server/journal/recovery.h"
#include "server/journal/segment.h"
#include "server/runtime/mailbox.h"

namespace server {

// Counts what was handed over.
using JournalPosition = std::uint64_t;

class JournalWriter {
 public:
  // Takes over what `recover` has found.
  JournalWriter(Disk& disk, Recovery recovery);
  ~JournalWriter() { requests_.finish(); }

  // `on_progress` is called on the thread after each round in which serials were reserved. The error: no thread can be
  // started.
  DiskResult<void> start(std::function<void()> on_progress);

  void post(JournalRecord record, JournalPosition position);
  // Tries again what failed, and looks whether the directory is in its place. Call it regularly.
  void tend();
  // If all is on the disk, writes that the end is clean.
  void close();

  struct Progress {
    JournalPosition written = 0;  // on the disk up to here
    bool in_place = true;         // else another program has deleted or replaced the directory
    std::string error;            // while something cannot be written; else empty
  };
  Progress progress() const;

  // Without a thread: does what waits. With one it does nothing.
  void settle();
  void wait_until_idle();
  // False if that takes longer than `timeout`.
  bool wait_until_idle(std::chrono::milliseconds timeout);

 private:
  struct Request {
    JournalRecord record;
    JournalPosition position;
  };
  struct Requests {
    std::list<Request> records;
    bool tend = false, close = false;

    bool empty() const { return records.empty() && !tend && !close; }
  };

  void run();
  // Whether it has reserved serials.
  bool do_round(Requests requests);
  DiskResult<void> write(const Requests& requests);
  DiskResult<void> append_waiting();
  Octets begin();
  DiskResult<void> append(const Octets& octets);
  DiskResult<void> write_checkpoint();
  DiskResult<std::uint64_t> write_contents(const std::string& name, const SegmentHeader& header);
  void remove_replaced();

  Disk& disk_;
  std::function<void()> on_progress_;
  Mailbox<Requests> requests_;

  // Of the thread, or of the caller where there is none.
  JournalContents contents_;
  std::list<Request> waiting_;         // not yet in `contents_`
  JournalPosition done_ = 0;           // in `contents_`
  std::uint64_t checksum_, number_;    // of the last record in the chain; of the next segment
  std::vector<std::string> replaced_;  // files that the next checkpoint replaces
  std::vector<std::string> damaged_;   // of these, files to keep
  std::shared_ptr<DiskFile> file_;     // the open segment; null: none
  std::uint64_t grown_ = 0;            // octets since the last checkpoint
  std::uint64_t growth_limit_;         // octets: then the next checkpoint is due
  bool complete_;                      // the segments have all that `contents_` have; else a checkpoint is needed
  bool clean_;                         // nothing was written since the last clean end

  mutable std::mutex mutex_;  // guards `progress_`
  Progress progress_;
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace server
