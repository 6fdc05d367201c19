#include <algorithm>
#include <atomic>
#include <functional>

#include <doctest/doctest.h>

#include "server/runtime/parallel_for.h"

TEST_CASE("share: each piece once, on any number of threads, and told in rising numbers up to the last") {
  for (const std::size_t threads : {1U, 2U, 7U}) {
    for (const std::size_t count : {0U, 1U, 2U, 500U}) {
      std::vector<std::atomic<int>> made(count);
      std::vector<std::size_t> told;
      server::parallel_for(
          count, threads, [&](std::size_t i) { ++made[i]; }, [&](std::size_t done) { told.push_back(done); });
      for (const std::atomic<int>& times : made) CHECK(times == 1);
      CHECK(std::adjacent_find(told.begin(), told.end(), std::greater_equal<>()) == told.end());
      CHECK((told.empty() ? 0 : told.back()) == count);
    }
  }
}
