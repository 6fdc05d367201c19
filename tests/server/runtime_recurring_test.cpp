#include <doctest/doctest.h>

#include "server/runtime/recurring.h"

using namespace std::chrono_literals;
using server::Duration, server::Instant, server::Recurring;

TEST_CASE("recurring: requests that arrive all the time do not delay the housekeeping") {
  const Instant start{1h};
  Recurring recurring(1s, start);
  int times = 0;
  for (Duration passed = 0s; passed <= 10s; passed += 1ms)  // a request each millisecond
    times += recurring.is_due(start + passed) ? 1 : 0;
  CHECK(times == 10);
}

TEST_CASE("recurring: waits for the rest of the interval, and not at all when it is late") {
  const Instant start{1h};
  Recurring recurring(1s, start);
  CHECK(recurring.until_due(start) == 1s);
  CHECK(recurring.until_due(start + 400ms) == 600ms);
  CHECK(recurring.until_due(start + 3s) == 0s);
  CHECK_FALSE(recurring.is_due(start + 999ms));
  CHECK(recurring.is_due(start + 3s));
  CHECK_FALSE(recurring.is_due(start + 3s));
  CHECK(recurring.until_due(start + 3s) == 1s);
}
