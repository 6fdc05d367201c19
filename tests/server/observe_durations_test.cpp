#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "server/observe/durations.h"

using namespace server;
using namespace std::chrono_literals;

TEST_CASE("durations: nothing was added") {
  const Durations none;
  CHECK(none.count() == 0);
  CHECK(none.quantile(0.99) == 0ns);
  CHECK(none.longest() == 0ns);
}

TEST_CASE("durations: one duration is every quantile, at any length") {
  for (const auto each : std::initializer_list<std::chrono::nanoseconds>{
           0ns, 1ns, 999ns, 1000ns, 1001ns, 7999ns, 8000ns, 8001ns, 15us + 1ns, 16us, 5ms, 1s, 19h, 1000h}) {
    Durations durations;
    durations.add(each);
    for (const double part : {0.0, 0.5, 0.99, 1.0}) CHECK(durations.quantile(part) == each);
    CHECK(durations.longest() == each);
  }
}

TEST_CASE("durations: a time that runs backwards between two threads counts as zero") {
  Durations durations;
  durations.add(-5ms);
  CHECK(durations.count() == 1);
  CHECK(durations.longest() == 0ns);
}

TEST_CASE("durations: quantiles are never too short, and at most an eighth and a microsecond too long") {
  std::mt19937_64 random(4711);
  for (int round = 0; round < 200; ++round) {
    Durations durations;
    std::vector<std::int64_t> all;
    for (std::size_t count = 1 + random() % 500; count > 0; --count) {
      all.push_back(static_cast<std::int64_t>(random() >> (20 + random() % 44)));
      durations.add(std::chrono::nanoseconds(all.back()));
    }
    std::ranges::sort(all);
    CHECK(durations.count() == all.size());
    CHECK(durations.longest().count() == all.back());
    for (const double part : {0.01, 0.5, 0.9, 0.99, 1.0}) {
      const double place = std::ceil(part * static_cast<double>(all.size()));
      const std::int64_t exact = all[static_cast<std::size_t>(place) - 1], told = durations.quantile(part).count();
      CHECK(told >= exact);
      CHECK(told <= exact + exact / 8 + 1000);
    }
  }
}
