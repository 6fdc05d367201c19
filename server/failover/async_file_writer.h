// Writes one file, on a thread of its own, so that a slow disk delays no answer.
//
//     write(text) --> the latest waits --> its words, temporary file, fsync, rename, fsync of the directory -->
//     done(outcome)
//
// A text is given as what makes it, so that making it delays nobody else. Texts that are overtaken before the disk took
// them are never written; `done` of each is called in any case, with the outcome of the write that carried it or a
// later text, on the writer's thread. A reader finds the old file or the new one, never a half. The destructor writes
// what waits. `write`: any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "zone/base/result.h"

namespace server {

using WriteOutcome = dns::Result<void, std::string>;  // words: "No space left on device"

// Replaces the file at `path` by one with `text` that survives a loss of power.
WriteOutcome replace_file(const std::string& path, const std::string& text);

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
  void run();

  const std::string path_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  Text text_;
  std::vector<Done> waiting_;
  bool ending_ = false;
  std::jthread thread_;
};

}  // namespace server
