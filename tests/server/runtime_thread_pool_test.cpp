#include <algorithm>
#include <atomic>
#include <functional>

#include <doctest/doctest.h>

#include "server/runtime/thread_pool.h"

using server::ThreadPool;

TEST_CASE("thread pool: runs each task once on any number of threads, and progress increases to the total") {
  for (const std::size_t threads : {1U, 2U, 7U}) {
    for (const std::size_t count : {0U, 1U, 2U, 500U}) {
      ThreadPool pool(threads, {"test", std::nullopt, 0});
      std::vector<std::atomic<int>> runs(count);
      std::vector<std::size_t> reported;
      pool.for_each(count, [&](std::size_t i) { ++runs[i]; }, [&](std::size_t done) { reported.push_back(done); });
      for (const std::atomic<int>& times : runs) CHECK(times == 1);
      CHECK(std::adjacent_find(reported.begin(), reported.end(), std::greater_equal<>()) == reported.end());
      CHECK((reported.empty() ? 0 : reported.back()) == count);
    }
  }
}

TEST_CASE("thread pool: a task may run nested tasks in parallel") {
  ThreadPool pool(3, {"test", std::nullopt, 0});
  const dns::ParallelExecutor parallel = pool.parallel();
  std::atomic<int> runs = 0;
  pool.for_each(5, [&](std::size_t) { parallel(4, [&](std::size_t) { ++runs; }); }, [](std::size_t) {});
  CHECK(runs == 20);
}
