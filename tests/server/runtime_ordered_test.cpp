#include "server/runtime/ordered.h"

#include <doctest/doctest.h>

#include <algorithm>

#include <atomic>
#include <numeric>

TEST_CASE("ordered: every result once, in order, on any number of threads") {
  for (const std::size_t threads : {1U, 2U, 7U}) {
    for (const std::size_t count : {0U, 1U, 2U, 500U}) {
      std::vector<std::size_t> taken;
      server::in_order(count, threads, [](std::size_t i) { return i * i; }, [&](std::size_t i, std::size_t square) {
        CHECK(square == i * i);
        taken.push_back(i);
      });
      std::vector<std::size_t> wanted(count);
      std::iota(wanted.begin(), wanted.end(), std::size_t{0});
      CHECK(taken == wanted);
    }
  }
}

TEST_CASE("ordered: nobody runs far ahead of a slow taker") {
  std::atomic<std::size_t> begun = 0;
  std::size_t farthest = 0;
  server::in_order(1000, 4, [&](std::size_t i) { ++begun; return i; }, [&](std::size_t i, std::size_t) { farthest = std::max(farthest, begun.load() - i); });
  CHECK(farthest <= server::kAhead + 4);
}
