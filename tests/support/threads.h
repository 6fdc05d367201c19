// Threads that a test or benchmark lends to the zone library: as many at once as requested; they end after each piece
// of work.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "zone/base/parallel.h"

namespace dns::test {

inline ParallelExecutor threads(std::size_t count) {
  ParallelExecutor parallel;
  parallel.run = [count](std::size_t parts, const ParallelExecutor::Work& work) {
    std::atomic<std::size_t> next = 0;
    const auto take = [&] {
      for (std::size_t part = next++; part < parts; part = next++) work(part);
    };
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < count; ++i) others.emplace_back(take);
    take();
  };
  parallel.threads = count;
  return parallel;
}

}  // namespace dns::test
