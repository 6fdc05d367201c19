#include "tools/load/latencies.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tools {

void Latencies::add(Time latency) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0));
  ++buckets_[bucket_of(value)];
  ++count_;
  sum_ += value;
  max_ = std::max(max_, value);
}

void Latencies::merge(const Latencies& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

Latencies::Time Latencies::at(double part) const {
  if (count_ == 0) return Time(0);
  const auto wanted =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count_))));
  std::uint64_t passed = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    passed += buckets_[i];
    if (passed >= wanted) return Time(static_cast<std::int64_t>(std::min(top_of(i), max_)));
  }
  return max();
}

Latencies::Time Latencies::mean() const { return Time(count_ == 0 ? 0 : static_cast<std::int64_t>(sum_ / count_)); }

// The index consists of the value's power of two and the next kFineBits bits.
std::size_t Latencies::bucket_of(std::uint64_t value) {
  const unsigned bits = static_cast<unsigned>(std::bit_width(value));
  if (bits <= kFineBits) return value;
  const unsigned shift = bits - kFineBits - 1;
  return (std::size_t{shift + 1} << kFineBits) + (value >> shift) - (std::size_t{1} << kFineBits);
}

// The largest value of a bucket.
std::uint64_t Latencies::top_of(std::size_t bucket) {
  constexpr std::size_t kFine = std::size_t{1} << kFineBits;
  if (bucket < kFine) return bucket;
  const std::size_t shift = (bucket >> kFineBits) - 1;
  const std::uint64_t head = kFine + (bucket & (kFine - 1));
  return ((head + 1) << shift) - 1;
}

}  // namespace tools
