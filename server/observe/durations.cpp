#include "server/observe/durations.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace server {

// The first buckets have one microsecond each. Then each power of two has the same number of buckets.
std::size_t Durations::bucket_of(std::uint64_t microseconds) {
  const auto bits = static_cast<int>(std::bit_width(microseconds));
  if (bits <= kStepBits) return microseconds;
  if (bits > kLargestBits) return kBuckets - 1;
  const int shift = bits - 1 - kStepBits;
  return (static_cast<std::size_t>(shift) << kStepBits) + (microseconds >> shift);
}

std::uint64_t Durations::last_of(std::size_t bucket) {
  if (bucket < (std::size_t{2} << kStepBits)) return bucket;
  const std::size_t shift = (bucket >> kStepBits) - 1;
  return ((bucket - (shift << kStepBits) + 1) << shift) - 1;
}

void Durations::add(Duration duration) {
  duration = std::max(duration, Duration::zero());  // the clocks of two threads
  ++buckets_[bucket_of(static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::microseconds>(duration).count()))];
  ++count_;
  longest_ = std::max(longest_, duration);
}

Durations::Duration Durations::quantile(double part) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < kBuckets && count_ > 0; ++bucket) {
    seen += buckets_[bucket];
    if (seen < std::max<std::uint64_t>(wanted, 1)) continue;
    return bucket == kBuckets - 1 ? longest_ : std::min(longest_, Duration(std::chrono::microseconds(last_of(bucket))));
  }
  return longest_;
}

}  // namespace server
