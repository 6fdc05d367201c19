// Latencies by the million in a fixed 30 KiB: a histogram whose buckets grow with the value, 1.6 % wide at most.
//
//     0 1 2 ... 63 | 64 65 ... 127 | 128 130 ... 254 | 256 260 ... 508 | ...        64 buckets for each doubling
//
// A value is known to one part in 64, however small or large it is; the largest and the sum are exact. Values of up to
// 2^63 ns. A plain value: one thread at a time; threads keep their own and merge.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace tools {

class Latencies {
 public:
  using Time = std::chrono::nanoseconds;

  void add(Time latency);
  void merge(const Latencies& other);

  std::uint64_t count() const { return count_; }
  // The latency that `part` (0 to 1) of all do not exceed; 0 where there are none.
  Time at(double part) const;
  Time max() const { return Time(static_cast<std::int64_t>(max_)); }
  Time mean() const;

 private:
  static constexpr unsigned kFineBits = 6;  // 64 buckets a doubling
  static constexpr std::size_t kBuckets = std::size_t{64 - kFineBits + 1} << kFineBits;
  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t top_of(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0, sum_ = 0, max_ = 0;
};

}  // namespace tools
