// DNS over a stream: each message has a length of two octets before it (RFC 1035 4.2.2, RFC 7766 8). Octets may arrive
// in pieces of any size.
//
//     | length 16 | message ... | length 16 | message ... | length 1 |        <- two messages and a part of a third
//
// Pure functions of octets. If a frame is too short for a header, the two ends do not agree where messages begin, and
// nothing behind it can be used.
#pragma once

#include "zone/base/bytes.h"
#include "zone/message/message.h"

namespace server {

inline constexpr std::size_t kLengthPrefix = 2;
inline constexpr std::size_t kMaxFrame = kLengthPrefix + dns::kMaxMessage;

struct FrameSplit {
  std::size_t messages = 0;  // complete ones
  std::size_t octets = 0;    // of input, with the length fields
  enum class State : std::uint8_t { kOrderly, kBroken } state = State::kOrderly;

  friend bool operator==(const FrameSplit&, const FrameSplit&) = default;
};

// The complete messages at the start of `input`, at most as many as `messages` has room for.
FrameSplit split_frames(dns::Bytes input, std::span<dns::Bytes> messages);

// Puts frames one behind the other, for one write.
class FrameWriter {
 public:
  explicit FrameWriter(std::uint8_t* start) : start_(start) {}

  // Moves `message` behind the last frame, with its length before it. Source and target may overlap.
  void append(dns::Bytes message);
  dns::Bytes octets() const { return {start_, size_}; }

 private:
  std::uint8_t* start_;
  std::size_t size_ = 0;
};

}  // namespace server
