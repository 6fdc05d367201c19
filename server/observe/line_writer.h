// Writes lines to a pipe, terminal or file on a thread of its own, so that no other thread waits for the reader.
//
//     any thread   write(lines) --> lines that wait, at most kMostWaiting octets --> this thread: write(2)
//                                   full: the lines are lost and counted; the next line that is written tells how many
//
// Until `start`, lines wait: privileges are dropped before threads start. All memory is reserved by the constructor:
// `write` allocates nothing and holds a lock for the time of a copy. Lines that the system does not take (a full disk,
// a reader that has ended) are lost and counted too. Any thread may call.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "zone/base/result.h"

namespace server {

class LineWriter {
 public:
  // Makes the line, with its newline, that tells how many lines are lost. Called on the writer's thread.
  using LostLine = std::string (*)(std::uint64_t lines);

  explicit LineWriter(int descriptor);  // it must stay open
  // Gives the reader a moment to take the last lines.
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  // The error is the system's text. Once, by the owner.
  dns::Result<void, std::string> start();

  void set_lost_line(LostLine lost_line);

  // One or more lines, each with its newline: all or none of them are written.
  void write(std::string_view lines);
  // Waits until all lines are written, for `timeout` at most. False if some still wait. Before `start` it writes them.
  bool flush(std::chrono::milliseconds timeout);
  // Lines that are lost, since the start.
  std::uint64_t lost() const;

 private:
  struct State;
  static void run(State& state);

  std::shared_ptr<State> state_;  // shared with the thread, which a stalled reader may hold for ever
};

}  // namespace server
