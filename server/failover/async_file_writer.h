// Writes one file on a thread of its own, so that a slow disk delays no decision.
//
//     write(text) --> mailbox (the latest text, every `done`) --> this thread: text(), replace_file, done(outcome)
//
// The text is given as a function and made on the writer's thread. A text that a later one overtakes before the disk
// took it is never written. Every `done` is called on the writer's thread, with the outcome of the write that carried
// its text or a later one. Where no thread can be started, or no memory is left, the outcome is that error. The
// destructor writes what waits; ask `wait_until_written` first where a disk may hang. `write`: any thread.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "server/runtime/mailbox.h"
#include "zone/base/result.h"

namespace server {

using WriteOutcome = dns::Result<void, std::string>;  // "/var/lib/waymark/failover.json: No space left on device"

class AsyncFileWriter {
 public:
  using Done = std::function<void(const WriteOutcome&)>;

  explicit AsyncFileWriter(std::string path);
  ~AsyncFileWriter();
  AsyncFileWriter(const AsyncFileWriter&) = delete;
  AsyncFileWriter& operator=(const AsyncFileWriter&) = delete;

  using Text = std::function<std::string()>;  // called on the writer's thread
  void write(Text text, Done done);
  // False if the disk takes longer than `timeout`.
  bool wait_until_written(std::chrono::milliseconds timeout) { return pending_.wait_until_idle(timeout); }

 private:
  struct Pending {
    Text text;
    std::vector<Done> callbacks;

    bool empty() const { return callbacks.empty(); }
  };

  void run();
  WriteOutcome write_now(const Text& text) const;
  static void call(const Done& done, const WriteOutcome& outcome);

  const std::string path_;
  std::mutex mutex_;  // guards the start of the thread
  Mailbox<Pending> pending_;
  std::jthread thread_;  // last: ends before what it uses. The first write starts it
};

}  // namespace server
