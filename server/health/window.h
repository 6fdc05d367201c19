// The results of one check over a sliding time span, and the quality they show.
//
// Memory is bounded: at most the newest kMaxSamples results, enough for an interval of 50 ms over 100 s. Pure; the
// caller passes the time, which does not go back.
#pragma once

#include <deque>

#include "server/health/state.h"
#include "server/probe/result.h"

namespace server {

class Window {
 public:
  static constexpr std::size_t kMaxSamples = 2048;

  explicit Window(Duration span) : span_(span) {}

  // UNKNOWN results say nothing about the path and are not kept.
  void add(Instant now, const ProbeResult& result);

  // Computed from the samples within the span. O(samples).
  //
  // latency: the median of the round trips (the lower one of two). jitter: the mean of the reported values, otherwise
  // of the differences between successive round trips, also across a loss. loss: the mean of the reported values,
  // otherwise the share of probes that failed.
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
