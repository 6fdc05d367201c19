// Many pieces of work of any size, shared out among several threads: each takes the next that nobody has.
//
//     threads, the caller's among them    claim 0, 1, 2 ...   make(i)
//     caller, after each of its own       told(how many are made)
//
// Nobody waits for anybody before the end: pieces may be as small as a file of a few lines, which a lock or a wakening each
// would cost as much as. `make` runs on many threads at once and does not throw; `told` runs on the caller's, with numbers that
// rise to the last. Returns when all are made.
#pragma once

#include <atomic>
#include <vector>

#include "server/runtime/thread.h"

namespace server {

template <class Make, class Told>
void share_out(std::size_t count, std::size_t threads, const Make& make, const Told& told) {
  std::atomic<std::size_t> next = 0, made = 0;
  const auto take_one = [&] {
    const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed);
    if (mine >= count) return false;
    make(mine);
    made.fetch_add(1, std::memory_order_relaxed);
    return true;
  };
  std::size_t last_told = 0;
  const auto tell = [&] {
    const std::size_t now = made.load(std::memory_order_relaxed);
    if (now > last_told) told(last_told = now);
  };
  {
    std::vector<std::jthread> others;   // joined at the end of the block
    for (std::size_t i = 1; i < std::min(threads, count); ++i)
      others.push_back(start_thread({"loader", std::nullopt, 0}, [&] { while (take_one()) {} }));
    while (take_one()) tell();
  }
  tell();
}

}  // namespace server
