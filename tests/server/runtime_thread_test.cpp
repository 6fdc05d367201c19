#include <atomic>
#include <new>
#include <stdexcept>

#include <doctest/doctest.h>

#include "server/runtime/memory_reserve.h"
#include "server/runtime/thread.h"
#include "server/runtime/thread_pool.h"

using namespace server;

TEST_CASE(
    "threads: a loop that must go on runs again after an exception, and its failure is handled until that works") {
  int runs = 0, handled = 0;
  run_until_done(
      [&] {
        if (++runs < 3) throw std::bad_alloc();
      },
      [&](std::string_view what) {
        CHECK(what == std::bad_alloc().what());
        if (++handled == 1) throw std::bad_alloc();
      });
  CHECK(runs == 3);
  CHECK(handled == 3);
}

TEST_CASE("thread pool: an exception of a piece reaches the caller once all threads have ended") {
  for (const std::size_t threads : {1U, 3U}) {
    ThreadPool pool(threads, {"test", std::nullopt, 0});
    std::atomic<int> runs = 0;
    const auto body = [&](std::size_t i) {
      ++runs;
      if (i == 5) throw std::runtime_error("piece 5");
    };
    CHECK_THROWS_WITH(pool.for_each(500, body, [](std::size_t) {}), "piece 5");
    const int then = runs;
    CHECK(then >= 6);
    CHECK(runs == then);
    CHECK_THROWS_WITH(pool.parallel()(500, body), "piece 5");
  }
}

TEST_CASE("memory reserve: a failing allocation gets a block of it, but not where the failure is handled") {
  (void)refill_memory_reserve();
  const std::new_handler handler = std::get_new_handler();  // what operator new calls before it tries again
  {
    const MayRunOutOfMemory may;
    CHECK(MayRunOutOfMemory::here());
    CHECK_THROWS_AS(handler(), std::bad_alloc);
  }
  CHECK_FALSE(MayRunOutOfMemory::here());
  CHECK(refill_memory_reserve() == 0);
  for (int i = 0; i < 3; ++i) handler();
  CHECK(refill_memory_reserve() == 3);
  for (int i = 0; i < 128; ++i) handler();
  CHECK_THROWS_AS(handler(), std::bad_alloc);
  {
    const WaitsForMemory waits;
    handler();
    const MayRunOutOfMemory may;
    CHECK_THROWS_AS(handler(), std::bad_alloc);
  }
  CHECK_THROWS_AS(handler(), std::bad_alloc);
  CHECK(refill_memory_reserve() == 128);
  CHECK(refill_memory_reserve() == 0);
}
