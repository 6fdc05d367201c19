// Many pieces of work of any size, shared out among several threads: each takes the next that nobody has.
//
//     threads, the caller's among them    claim 0, 1, 2 ...   body(i)
//     caller, after each of its own       on_progress(how many are done)
//
// Nobody waits for anybody before the end: pieces may be as small as a file of a few lines, which a lock or a wakening
// each would cost as much as. `body` runs on many threads at once and does not throw; `on_progress` runs on the
// caller's, with numbers that rise to the last. Returns when all are done.
#pragma once

#include <atomic>
#include <vector>

#include "server/runtime/thread.h"

namespace server {

template <class Body, class Progress>
void parallel_for(std::size_t count, std::size_t threads, const Body& body, const Progress& on_progress) {
  std::atomic<std::size_t> next = 0, done = 0;
  const auto take_one = [&] {
    const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed);
    if (mine >= count) return false;
    body(mine);
    done.fetch_add(1, std::memory_order_relaxed);
    return true;
  };
  std::size_t last_reported = 0;
  const auto report_progress = [&] {
    const std::size_t now = done.load(std::memory_order_relaxed);
    if (now > last_reported) on_progress(last_reported = now);
  };
  {
    std::vector<std::jthread> others;  // joined at the end of the block
    for (std::size_t i = 1; i < std::min(threads, count); ++i)
      others.push_back(start_thread({"loader", std::nullopt, 0}, [&] {
        while (take_one()) {
        }
      }));
    while (take_one()) report_progress();
  }
  report_progress();
}

}  // namespace server
