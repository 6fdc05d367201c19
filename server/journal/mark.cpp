#include "server/journal/mark.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace server {
namespace {

constexpr std::uint64_t kMultiplier = 0x9e37'79b9'7f4a'7c15;  // 2^64 divided by the golden ratio, odd
constexpr std::size_t kLanes = 4;

std::uint64_t mix(std::uint64_t state, std::uint64_t word) { return std::rotl((state ^ word) * kMultiplier, 29); }

}  // namespace

std::uint64_t content_mark(std::string_view text) {
  std::array<std::uint64_t, kLanes> lanes{1, 2, 3, 4};
  constexpr std::size_t kStep = kLanes * sizeof(std::uint64_t);
  std::size_t at = 0;
  for (; at + kStep <= text.size(); at += kStep) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + at + lane * sizeof word, sizeof word);
      lanes[lane] = mix(lanes[lane], word);
    }
  }
  std::uint64_t mark = mix(kMultiplier, text.size());
  for (; at < text.size(); ++at) mark = mix(mark, static_cast<std::uint8_t>(text[at]));
  for (const std::uint64_t lane : lanes) mark = mix(mark, lane);
  return mark;
}

}  // namespace server
