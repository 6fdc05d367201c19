#include <atomic>
#include <new>
#include <stdexcept>

#include <doctest/doctest.h>

#include "server/runtime/memory_reserve.h"
#include "server/runtime/thread.h"
#include "server/runtime/thread_pool.h"
#include "tests/support/repetitions.h"

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

// A sanitizer's allocator does not call the new-handler.
TEST_CASE("memory reserve: failing allocations take it, but not where the failure is handled") {
  (void)refill_memory_reserve();
  const auto too_much = [] { ::operator delete(::operator new(SIZE_MAX / 2)); };
  {
    const MayRunOutOfMemory may;
    CHECK(MayRunOutOfMemory::here());
    if (!::dns::test::sanitized()) CHECK_THROWS_AS(too_much(), std::bad_alloc);
  }
  CHECK_FALSE(MayRunOutOfMemory::here());
  CHECK(refill_memory_reserve() == 0);
  if (::dns::test::sanitized()) return;
  CHECK_THROWS_AS(too_much(), std::bad_alloc);  // it is never enough
  CHECK(refill_memory_reserve() == 32);
  CHECK(refill_memory_reserve() == 0);
}
