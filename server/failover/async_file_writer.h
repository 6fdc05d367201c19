// Writes one file on a thread of its own, so that a slow disk delays no decision.
//
//     write(text) --> mailbox (the latest text, every `done`) --> this thread: text(), replace_file, done(outcome)
//
// The text is given as a function and made on the writer's thread. A text that a later one overtakes before the disk
// took it is never written. Every `done` is called on the writer's thread, with the outcome of the write that carried
// its text or a later one. The destructor writes what waits. `write`: any thread.
#pragma once

#include <functional>
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

 private:
  struct Pending {
    Text text;
    std::vector<Done> callbacks;

    bool empty() const { return callbacks.empty(); }
  };

  void run();

  const std::string path_;
  Mailbox<Pending> pending_;
  std::jthread thread_;  // last: ends before what it uses
};

}  // namespace server
