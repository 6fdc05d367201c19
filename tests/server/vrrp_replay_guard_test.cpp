#include <doctest/doctest.h>

#include "server/vrrp/replay_guard.h"

using namespace std::chrono_literals;
using server::ReplayGuard;

namespace {

constexpr std::chrono::seconds kWallTime{1'800'000'000};

constexpr std::uint64_t stamp_at(std::chrono::seconds time, std::uint64_t counter = 0) {
  return static_cast<std::uint64_t>(time.count()) << 32 | counter;
}

}  // namespace

TEST_CASE("replay: each advertisement is accepted once, and no older one") {
  ReplayGuard guard;
  CHECK(guard.accept(stamp_at(kWallTime), kWallTime));
  CHECK_FALSE(guard.accept(stamp_at(kWallTime), kWallTime));
  CHECK(guard.accept(stamp_at(kWallTime, 1), kWallTime));
  CHECK(guard.accept(stamp_at(kWallTime + 2s), kWallTime));
  CHECK_FALSE(guard.accept(stamp_at(kWallTime + 1s), kWallTime));
}

TEST_CASE("replay: a router whose clock was ahead is heard as soon as its clock is right") {
  ReplayGuard guard;
  CHECK(guard.accept(stamp_at(kWallTime), kWallTime));
  CHECK(guard.accept(stamp_at(kWallTime + 24h), kWallTime + 1s));
  CHECK(guard.accept(stamp_at(kWallTime + 24h + 1s), kWallTime + 2s));
  CHECK_FALSE(guard.accept(stamp_at(kWallTime + 24h), kWallTime + 2s));
  CHECK(guard.accept(stamp_at(kWallTime + 3s), kWallTime + 3s));
  // What was sent before and while the clock was ahead stays refused.
  CHECK_FALSE(guard.accept(stamp_at(kWallTime), kWallTime + 4s));
  CHECK_FALSE(guard.accept(stamp_at(kWallTime + 24h + 1s), kWallTime + 4s));
}

TEST_CASE("replay: a host whose clock is behind accepts routers in order") {
  ReplayGuard guard;
  const std::chrono::seconds behind = kWallTime - 240h;
  for (int i = 0; i < 5; ++i) CHECK(guard.accept(stamp_at(kWallTime, static_cast<std::uint64_t>(i)), behind));
  CHECK_FALSE(guard.accept(stamp_at(kWallTime, 4), behind));
  CHECK(guard.accept(stamp_at(kWallTime + 1s), kWallTime + 1s));  // the clock was set
  CHECK_FALSE(guard.accept(stamp_at(kWallTime, 4), kWallTime + 1s));
}
