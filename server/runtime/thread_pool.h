// Threads that are lent for one piece of work after another: what the zone library, which starts none, runs large loads
// on.
//
// The threads of a piece of work end with it. One piece at a time has them, the caller's thread among them; whoever
// comes meanwhile waits. Any thread.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "server/runtime/thread.h"
#include "zone/base/parallel.h"

namespace server {

class ThreadPool {
 public:
  ThreadPool(std::size_t width, ThreadOptions options) : width_(width), options_(std::move(options)) {}
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Lives no longer than the crew.
  dns::ParallelExecutor parallel() {
    dns::ParallelExecutor parallel;
    parallel.run = [this](std::size_t parts, const dns::ParallelExecutor::Work& work) { run(parts, work); };
    parallel.threads = width_;
    return parallel;
  }

 private:
  void run(std::size_t parts, const dns::ParallelExecutor::Work& work) {
    const std::lock_guard alone(busy_);
    std::atomic<std::size_t> next = 0;
    const auto take = [&] {
      for (std::size_t part = next++; part < parts; part = next++) work(part);
    };
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min(width_, parts); ++i) others.push_back(start_thread(options_, take));
    take();
  }

  std::size_t width_;
  ThreadOptions options_;
  std::mutex busy_;
};

}  // namespace server
