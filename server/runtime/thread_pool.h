// Runs many pieces of work of any size on several threads: each thread takes the next piece that no other has taken.
//
//     threads, the caller's among them    take 0, 1, 2 ...   body(i)
//     caller, after each of its own       on_progress(number of pieces done)
//
// Threads start with a call and end with it; where the system allows fewer, the others do their work. They wait for
// each other only at the end, so a piece may be as small as a file of a few lines. `parallel` lends the threads to the
// zone library, which starts none: one loop at a time has them, and callers that come meanwhile wait. `for_each` does
// not wait, so its body may use `parallel`. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <vector>

#include "server/runtime/memory_reserve.h"
#include "server/runtime/thread.h"
#include "zone/base/parallel.h"

namespace server {

class ThreadPool {
 public:
  ThreadPool(std::size_t width, ThreadOptions options) : width_(width), options_(std::move(options)) {}
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Returns when all pieces are done. `body` runs on several threads at once; `on_progress` runs on the caller's
  // thread, with numbers that rise up to `count`. The first exception of a body is thrown here, once all threads have
  // ended; pieces that no thread had taken by then are left out.
  template <class Body, class Progress>
  void for_each(std::size_t count, const Body& body, const Progress& on_progress) {
    std::atomic<std::size_t> next = 0, done = 0;
    std::atomic<bool> failed = false;
    std::exception_ptr failure;  // written by the thread that sets `failed`
    const auto take_one = [&] {
      const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed);
      if (mine >= count || failed) return false;
      try {
        body(mine);
      } catch (...) {
        if (!failed.exchange(true)) failure = std::current_exception();
        return false;
      }
      done.fetch_add(1, std::memory_order_relaxed);
      return true;
    };
    std::size_t last_reported = 0;
    const auto report_progress = [&] {
      const std::size_t now = done.load(std::memory_order_relaxed);
      if (now > last_reported) on_progress(last_reported = now);
    };
    {
      const std::size_t helpers = std::max<std::size_t>(std::min(width_, count), 1) - 1;
      std::vector<std::jthread> others;  // joined at the end of the block
      others.reserve(helpers);
      while (others.size() < helpers) {
        auto other = start_thread(options_, [&, may_run_out = MayRunOutOfMemory::here()] {
          const MayRunOutOfMemory may(may_run_out);
          while (take_one()) {
          }
        });
        if (!other) break;
        others.push_back(std::move(*other));
      }
      while (take_one()) report_progress();
    }
    if (failed) std::rethrow_exception(failure);
    report_progress();
  }

  // Must not outlive the pool.
  dns::ParallelExecutor parallel() {
    dns::ParallelExecutor parallel;
    parallel.run = [this](std::size_t parts, const dns::ParallelExecutor::Work& work) {
      const std::lock_guard alone(busy_);
      for_each(parts, work, [](std::size_t) {});
    };
    parallel.threads = width_;
    return parallel;
  }

 private:
  std::size_t width_;
  ThreadOptions options_;
  std::mutex busy_;  // held while `parallel` runs
};

}  // namespace server
