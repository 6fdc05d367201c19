#include "server/journal/mark.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

namespace server {
namespace {

constexpr std::uint64_t kMultiplier = 0x9e37'79b9'7f4a'7c15;  // 2^64 divided by the golden ratio, odd

std::uint64_t mix(std::uint64_t state, std::uint64_t word) { return std::rotl((state ^ word) * kMultiplier, 29); }

}  // namespace

std::uint64_t content_mark(std::string_view text) {
  ContentMark mark;
  mark.add(text);
  return mark.finish();
}

void ContentMark::add(std::string_view part) {
  const std::size_t have = size_ % kStep;
  size_ += part.size();
  if (have != 0) {
    const std::size_t more = std::min(kStep - have, part.size());
    std::memcpy(rest_.data() + have, part.data(), more);
    part.remove_prefix(more);
    if (have + more < kStep) return;
    mix_step(rest_.data());
  }
  for (; part.size() >= kStep; part.remove_prefix(kStep)) mix_step(part.data());
  if (!part.empty()) std::memcpy(rest_.data(), part.data(), part.size());
}

std::uint64_t ContentMark::finish() const {
  std::uint64_t mark = mix(kMultiplier, size_);
  for (std::size_t at = 0; at < size_ % kStep; ++at) mark = mix(mark, static_cast<std::uint8_t>(rest_[at]));
  for (const std::uint64_t lane : lanes_) mark = mix(mark, lane);
  return mark;
}

void ContentMark::mix_step(const char* octets) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    std::uint64_t word = 0;
    std::memcpy(&word, octets + lane * sizeof word, sizeof word);
    lanes_[lane] = mix(lanes_[lane], word);
  }
}

}  // namespace server
