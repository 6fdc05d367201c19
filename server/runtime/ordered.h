// Work done by several threads, its results taken by one, in order.
//
//     workers   claim 0, 1, 2 ...   make(i)  ->  finished[i]            never more than kAhead beyond what was taken
//     caller                                     take(0), take(1) ...
//
// Bounded: a result waits for at most kAhead others, so that what `make` returns may be large. `make` runs on many threads
// at once and does not throw; `take` runs on the caller's. Returns when all were taken.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>

#include "server/runtime/thread.h"

namespace server {

inline constexpr std::size_t kAhead = 64;

template <class Make, class Take>
void in_order(std::size_t count, std::size_t threads, const Make& make, const Take& take) {
  if (threads <= 1 || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) take(i, make(i));
    return;
  }
  std::mutex mutex;
  std::condition_variable made, taken;
  std::map<std::size_t, decltype(make(std::size_t{}))> finished;
  std::size_t next_claim = 0, next_take = 0;
  const auto work = [&] {
    std::unique_lock lock(mutex);
    while (next_claim < count) {
      const std::size_t mine = next_claim++;
      taken.wait(lock, [&] { return mine < next_take + kAhead; });
      lock.unlock();
      auto result = make(mine);
      lock.lock();
      finished.emplace(mine, std::move(result));
      made.notify_one();
    }
  };
  std::vector<std::jthread> workers;
  for (std::size_t i = 0; i < std::min(threads, count); ++i) workers.push_back(start_thread({"loader", std::nullopt, 0}, work));
  for (std::size_t i = 0; i < count; ++i) {
    std::unique_lock lock(mutex);
    made.wait(lock, [&] { return finished.contains(i); });
    auto result = std::move(finished.extract(i).mapped());
    next_take = i + 1;
    taken.notify_all();
    lock.unlock();
    take(i, std::move(result));
  }
}

}  // namespace server
