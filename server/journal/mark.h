// Tells contents apart: 64 bits, four lanes of multiply and rotate, as fast as memory. Not against forgery.
// Written to disk, so it is the same on every machine of one byte order for ever. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace server {

std::uint64_t content_mark(std::string_view text);

// The same of a text that comes in parts.
class ContentMark {
 public:
  void add(std::string_view part);
  std::uint64_t finish() const;

 private:
  static constexpr std::size_t kLanes = 4, kStep = kLanes * sizeof(std::uint64_t);
  void mix_step(const char* octets);

  std::array<std::uint64_t, kLanes> lanes_{1, 2, 3, 4};
  std::array<char, kStep> rest_{};      // the last octets, too few for a step
  std::uint64_t size_ = 0;
};

}  // namespace server
