// A histogram of latencies with a fixed size of 30 KiB. Each bucket is at most 1.6 % of its value wide.
//
//     0 1 2 ... 63 | 64 65 ... 127 | 128 130 ... 254 | 256 260 ... 508 | ...        64 buckets per power of two
//
// The error of a value is at most 1/64 of the value. The maximum and the sum are exact. Values are at most 2^63 ns. Not
// thread-safe: each thread has its own histogram, and `merge` adds them.
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
  // The quantile: the latency that the share `part` (0 to 1) of all values does not exceed. 0 if there are no values.
  Time at(double part) const;
  Time max() const { return Time(static_cast<std::int64_t>(max_)); }
  Time mean() const;

 private:
  static constexpr unsigned kFineBits = 6;  // 64 buckets per power of two
  static constexpr std::size_t kBuckets = std::size_t{64 - kFineBits + 1} << kFineBits;
  static std::size_t bucket_of(std::uint64_t value);
  static std::uint64_t top_of(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0, sum_ = 0, max_ = 0;
};

}  // namespace tools
