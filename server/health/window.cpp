#include "server/health/window.h"

#include <algorithm>
#include <vector>

namespace server {
namespace {

// A mean to which values are added one by one.
struct Mean {
  double sum = 0;
  std::size_t count = 0;

  void add(double value) {
    sum += value;
    ++count;
  }
  double value() const { return count == 0 ? 0 : sum / static_cast<double>(count); }
};

double nanoseconds(Duration duration) { return static_cast<double>(duration.count()); }
Duration duration_of(double nanoseconds) { return Duration(static_cast<Duration::rep>(nanoseconds)); }

Duration median(std::vector<Duration>& values) {
  if (values.empty()) return {};
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace

void Window::add(Instant now, const ProbeResult& result) {
  while (!samples_.empty() && now - samples_.front().at > span_) samples_.pop_front();
  if (result.outcome == Outcome::kUnknown) return;
  if (samples_.size() == kMaxSamples) samples_.pop_front();
  samples_.push_back({now, result.outcome, result.measurements});
}

Quality Window::quality(Instant now) const {
  std::vector<Duration> latencies;
  latencies.reserve(samples_.size());
  Mean differences, jitter, loss, lost;
  for (const Sample& sample : samples_) {
    if (now - sample.at > span_) continue;
    lost.add(sample.outcome == Outcome::kOk ? 0 : 1);
    if (sample.measurements.loss) loss.add(*sample.measurements.loss);
    if (sample.measurements.jitter) jitter.add(nanoseconds(*sample.measurements.jitter));
    if (sample.outcome != Outcome::kOk || !sample.measurements.latency) continue;
    if (!latencies.empty()) differences.add(std::abs(nanoseconds(*sample.measurements.latency - latencies.back())));
    latencies.push_back(*sample.measurements.latency);
  }
  return {.samples = lost.count,
          .latency = median(latencies),
          .jitter = duration_of(jitter.count > 0 ? jitter.value() : differences.value()),
          .loss = loss.count > 0 ? loss.value() : lost.value()};
}

}  // namespace server
