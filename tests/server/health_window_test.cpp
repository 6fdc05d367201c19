// The quality of a path from a window of results: latency, jitter, loss, and the limit of samples.
#include <doctest/doctest.h>

#include "server/health/window.h"

namespace {

using namespace server;
using namespace std::chrono_literals;

constexpr Instant kStart{1000s};

// Round trips in milliseconds, one per second. A negative number is a loss.
Quality quality_of(std::initializer_list<int> round_trips, Duration span = 60s) {
  Window window(span);
  Instant now = kStart;
  for (const int milliseconds : round_trips) {
    ProbeResult result{.outcome = milliseconds < 0 ? Outcome::kFailed : Outcome::kOk, .measurements = {}, .detail = {}};
    if (milliseconds >= 0) result.measurements.latency = std::chrono::milliseconds(milliseconds);
    window.add(now += 1s, result);
  }
  return window.quality(now);
}

}  // namespace

TEST_CASE("window: computes latency, jitter and loss") {
  CHECK(quality_of({}) == Quality{});
  CHECK(quality_of({10}) == Quality{1, 10ms, 0ms, 0});
  CHECK(quality_of({10, 30, 20}) == Quality{3, 20ms, 15ms, 0});        // |30-10| and |20-30|
  CHECK(quality_of({10, -1, 30, -1}) == Quality{4, 10ms, 20ms, 0.5});  // the lower of two in the middle
  CHECK(quality_of({-1, -1}) == Quality{2, 0ms, 0ms, 1});
  CHECK(quality_of({10, 1000, 10, 10, 10}).latency == 10ms);  // one outlier does not move the median
}

TEST_CASE("window: ignores results older than the span") {
  CHECK(quality_of({-1, -1, 10, 20, 30}, 2s) == Quality{3, 20ms, 10ms, 0});
  Window window(10s);
  window.add(kStart, {.outcome = Outcome::kFailed, .measurements = {}, .detail = {}});
  CHECK(window.quality(kStart + 10s).loss == 1);
  CHECK(window.quality(kStart + 11s) == Quality{});
}

TEST_CASE("window: uses reported jitter and loss instead of computed values") {
  Window window(60s);
  window.add(kStart,
             {.outcome = Outcome::kOk, .measurements = {.latency = 10ms, .jitter = 2ms, .loss = 0.5}, .detail = {}});
  window.add(kStart + 1s,
             {.outcome = Outcome::kOk, .measurements = {.latency = 50ms, .jitter = 4ms, .loss = 0.25}, .detail = {}});
  CHECK(window.quality(kStart + 1s) == Quality{2, 10ms, 3ms, 0.375});
}

TEST_CASE("window: an unknown result is not a sample, and the number of samples is limited") {
  Window window(1h);
  window.add(kStart, {.outcome = Outcome::kUnknown, .measurements = {}, .detail = {}});
  CHECK(window.quality(kStart).samples == 0);
  for (std::size_t i = 0; i < 3 * Window::kMaxSamples; ++i)
    window.add(
        kStart + i * 1ms,
        {.outcome = i < 2 * Window::kMaxSamples ? Outcome::kFailed : Outcome::kOk, .measurements = {}, .detail = {}});
  CHECK(window.quality(kStart + 7s).samples == Window::kMaxSamples);
  CHECK(window.quality(kStart + 7s).loss == 0);
}
