// A hash that tells different contents apart: 64 bits, four lanes of multiply and rotate, as fast as memory. It does
// not protect against forgery.
//
// A text of several parts of kHashBlock octets has the hash of the hashes of its parts, so several threads can compute
// it. It is written to the disk, so it must stay the same on every machine of one byte order. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace server {

inline constexpr std::size_t kHashBlock = std::size_t{1} << 20;

std::uint64_t content_hash(std::string_view text);

// The hash of a text from the hashes of its parts of kHashBlock octets (the last may be shorter); at least one.
std::uint64_t combined_hash(std::span<const std::uint64_t> parts);

// The same for a text that is added in pieces of any size.
class ContentHash {
 public:
  void add(std::string_view stretch);
  std::uint64_t finish() const;

 private:
  // Of one part, or of the hashes of parts.
  class Lanes {
   public:
    void add(std::string_view stretch);
    std::uint64_t finish() const;
    std::uint64_t size() const { return size_; }

   private:
    static constexpr std::size_t kLanes = 4, kStep = kLanes * sizeof(std::uint64_t);
    void mix_step(const char* octets);

    std::array<std::uint64_t, kLanes> lanes_{1, 2, 3, 4};
    std::array<char, kStep> rest_{};  // the last octets, fewer than a step
    std::uint64_t size_ = 0;
  };
  friend std::uint64_t combined_hash(std::span<const std::uint64_t> parts);
  static void add_hash(Lanes& combined, std::uint64_t hash);

  Lanes part_, combined_;  // the last part; all parts before it
};

}  // namespace server
