// The results of a check over a sliding span of time, and what they say of its path.
//
// Memory is bounded: at most kMaxSamples results, the newest, whatever the interval; 50 ms over 100 s. Nothing is kept
// of a check that measures seldom but its few samples. Pure; times are handed in and do not go back.
#pragma once

#include <deque>

#include "server/health/state.h"
#include "server/probe/result.h"

namespace server {

class Window {
 public:
  static constexpr std::size_t kMaxSamples = 2048;

  explicit Window(Duration span) : span_(span) {}

  // UNKNOWN results say nothing of the path and are not kept.
  void add(Instant now, const ProbeResult& result);

  // Of the samples not older than the span. O(samples).
  //
  // latency: the median of the round trips, the lower of two in the middle. jitter: the mean of what was reported, else
  // of the differences of successive round trips, a loss between them notwithstanding. loss: the mean of what was
  // reported, else the share of probes that failed.
  Quality quality(Instant now) const;

 private:
  struct Sample {
    Instant at;
    Outcome outcome{};
    Measurements measurements;
  };
  Duration span_;
  std::deque<Sample> samples_;  // oldest first
};

}  // namespace server
