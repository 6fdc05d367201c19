// DNS over a stream: messages behind a length of two octets (RFC 1035 4.2.2, RFC 7766 8), split at any octet on
// arrival.
//
//     | length 16 | message ... | length 16 | message ... | length 1 |        <- two messages and a part of a third
//
// Pure functions of octets. A frame that is too short for a header means that the two ends no longer agree where
// messages begin: nothing behind it can be trusted.
#pragma once

#include "zone/base/bytes.h"
#include "zone/message/message.h"

namespace server {

inline constexpr std::size_t kLengthPrefix = 2;
inline constexpr std::size_t kMaxFrame = kLengthPrefix + dns::kMaxMessage;

struct Split {
  std::size_t messages = 0;  // whole ones found
  std::size_t octets = 0;    // of input that they and their lengths take
  enum class State : std::uint8_t { kOrderly, kBroken } state = State::kOrderly;

  friend bool operator==(const Split&, const Split&) = default;
};

// The whole messages at the start of `input`, at most as many as `messages` holds.
Split split_frames(dns::Bytes input, std::span<dns::Bytes> messages);

// Frames laid one behind the other, to leave with one write.
class FrameWriter {
 public:
  explicit FrameWriter(std::uint8_t* start) : start_(start) {}

  // Moves `message` behind the last frame and writes its length before it. Source and target may overlap.
  void append(dns::Bytes message);
  dns::Bytes octets() const { return {start_, size_}; }

 private:
  std::uint8_t* start_;
  std::size_t size_ = 0;
};

}  // namespace server
