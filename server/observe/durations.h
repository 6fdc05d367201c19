// Durations as counts in buckets: how many there were, and below which one a part of them lies.
//
// A bucket is at most an eighth wider than its lower bound, so a quantile is at most 12.5 percent too long and never
// too short. Adding costs a few instructions, whatever was added before. One thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace server {

class Durations {
 public:
  using Duration = std::chrono::nanoseconds;

  void add(Duration duration);
  std::uint64_t count() const { return count_; }
  Duration longest() const { return longest_; }
  // No more than `part` (0 to 1) of the durations are longer. Zero if there are none.
  Duration quantile(double part) const;

 private:
  static constexpr int kStepBits = 3;      // 8 buckets for each power of two
  static constexpr int kLargestBits = 36;  // microseconds: 19 hours; the last bucket has all that is longer
  static constexpr std::size_t kBuckets = (kLargestBits - kStepBits + 1) << kStepBits;

  static std::size_t bucket_of(std::uint64_t microseconds);
  static std::uint64_t last_of(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  Duration longest_{};
};

}  // namespace server
