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

std::uint64_t joined_mark(std::span<const std::uint64_t> parts) {
  if (parts.size() == 1) return parts.front();
  ContentMark::Lanes joined;
  for (const std::uint64_t mark : parts) ContentMark::add_mark(joined, mark);
  return joined.finish();
}

// A full part is closed when more comes: a text of just one has that one's mark.
void ContentMark::add(std::string_view stretch) {
  while (!stretch.empty()) {
    if (part_.size() == kMarkPart) {
      add_mark(joined_, part_.finish());
      part_ = {};
    }
    const std::string_view piece = stretch.substr(0, kMarkPart - part_.size());
    part_.add(piece);
    stretch.remove_prefix(piece.size());
  }
}

std::uint64_t ContentMark::finish() const {
  if (joined_.size() == 0) return part_.finish();
  Lanes joined = joined_;
  add_mark(joined, part_.finish());
  return joined.finish();
}

void ContentMark::add_mark(Lanes& joined, std::uint64_t mark) {
  std::array<char, sizeof mark> octets;
  std::memcpy(octets.data(), &mark, sizeof mark);
  joined.add({octets.data(), octets.size()});
}

void ContentMark::Lanes::add(std::string_view part) {
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

std::uint64_t ContentMark::Lanes::finish() const {
  std::uint64_t mark = mix(kMultiplier, size_);
  for (std::size_t at = 0; at < size_ % kStep; ++at) mark = mix(mark, static_cast<std::uint8_t>(rest_[at]));
  for (const std::uint64_t lane : lanes_) mark = mix(mark, lane);
  return mark;
}

void ContentMark::Lanes::mix_step(const char* octets) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    std::uint64_t word = 0;
    std::memcpy(&word, octets + lane * sizeof word, sizeof word);
    lanes_[lane] = mix(lanes_[lane], word);
  }
}

}  // namespace server
