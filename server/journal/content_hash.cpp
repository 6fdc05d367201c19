#include "server/journal/content_hash.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

namespace server {
namespace {

constexpr std::uint64_t kMultiplier = 0x9e37'79b9'7f4a'7c15;  // 2^64 divided by the golden ratio, odd

std::uint64_t mix(std::uint64_t state, std::uint64_t word) { return std::rotl((state ^ word) * kMultiplier, 29); }

}  // namespace

std::uint64_t content_hash(std::string_view text) {
  ContentHash hash;
  hash.add(text);
  return hash.finish();
}

std::uint64_t combined_hash(std::span<const std::uint64_t> parts) {
  if (parts.size() == 1) return parts.front();
  ContentHash::Lanes combined;
  for (const std::uint64_t hash : parts) ContentHash::add_hash(combined, hash);
  return combined.finish();
}

// A full part is closed only when more text follows: a text of one part has the hash of that part.
void ContentHash::add(std::string_view stretch) {
  while (!stretch.empty()) {
    if (part_.size() == kHashBlock) {
      add_hash(combined_, part_.finish());
      part_ = {};
    }
    const std::string_view piece = stretch.substr(0, kHashBlock - part_.size());
    part_.add(piece);
    stretch.remove_prefix(piece.size());
  }
}

std::uint64_t ContentHash::finish() const {
  if (combined_.size() == 0) return part_.finish();
  Lanes combined = combined_;
  add_hash(combined, part_.finish());
  return combined.finish();
}

void ContentHash::add_hash(Lanes& combined, std::uint64_t hash) {
  std::array<char, sizeof hash> octets;
  std::memcpy(octets.data(), &hash, sizeof hash);
  combined.add({octets.data(), octets.size()});
}

void ContentHash::Lanes::add(std::string_view part) {
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

std::uint64_t ContentHash::Lanes::finish() const {
  std::uint64_t hash = mix(kMultiplier, size_);
  for (std::size_t at = 0; at < size_ % kStep; ++at) hash = mix(hash, static_cast<std::uint8_t>(rest_[at]));
  for (const std::uint64_t lane : lanes_) hash = mix(hash, lane);
  return hash;
}

void ContentHash::Lanes::mix_step(const char* octets) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    std::uint64_t word = 0;
    std::memcpy(&word, octets + lane * sizeof word, sizeof word);
    lanes_[lane] = mix(lanes_[lane], word);
  }
}

}  // namespace server
