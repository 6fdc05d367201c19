#include <doctest/doctest.h>

#include "server/observe/log.h"

using namespace std::chrono_literals;

TEST_CASE("log: a throttle allows the first message of an interval and counts the suppressed ones") {
  server::Throttle throttle(10s);
  const server::Throttle::Clock::time_point start{1h};
  CHECK(throttle.allow(start));
  CHECK(throttle.suppressed() == 0);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(throttle.allow(start + 9s));
  CHECK(throttle.allow(start + 10s));
  CHECK(throttle.suppressed() == 5);
  CHECK(throttle.allow(start + 20s));
  CHECK(throttle.suppressed() == 0);
}

TEST_CASE("log: levels below the configured level are disabled") {
  const auto writer = std::make_shared<server::LineWriter>(STDERR_FILENO);
  const server::Log log =
      server::make_log({.level = server::LogLevel::kWarning, .format = server::LogFormat::kJson}, writer);
  CHECK_FALSE(log->should_log(spdlog::level::info));
  CHECK(log->should_log(spdlog::level::warn));
}
