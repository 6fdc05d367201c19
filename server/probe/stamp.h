// STAMP packets (RFC 8762, unauthenticated mode): exchanged by a session's sender and its reflector over UDP.
//
//     sender     | sequence 32 | timestamp 64 | error estimate 16 | zero, 30 octets |
//     reflector  | sequence 32 | timestamp 64 | error estimate 16 | zero 16 | received 64
//                | the sender's first 14 octets | zero 16 | the sender's TTL 8 | zero 24 |
//                                                                           both are 44 octets
//
// Timestamps are NTP timestamps (seconds since 1900 and a fraction). Only timestamps of one side are subtracted from
// each other, so the clocks of the two sides need not agree. Pure.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include "server/runtime/thread.h"
#include "zone/base/bytes.h"

namespace server {

inline constexpr std::uint16_t kStampPort = 862;
inline constexpr std::size_t kStampSize = 44;
inline constexpr std::size_t kMaxStampSize = 1500;  // padding is returned unchanged, so both directions cost the same

using NtpTime = std::uint64_t;  // upper 32 bits: seconds since 1900; lower 32 bits: fraction

NtpTime ntp_time(std::chrono::system_clock::time_point wall);

struct StampRequest {
  std::uint32_t sequence = 0;
  NtpTime sent = 0;
};

std::array<std::uint8_t, kStampSize> encode(const StampRequest& request);

// The reply to `request`.
struct StampReply {
  Duration residence{};         // between reception and transmission at the reflector; 0 if its clock went back
  std::uint8_t sender_ttl = 0;  // as received by the reflector
};

// Nothing if the octets are not a reflector's reply to exactly that request.
std::optional<StampReply> parse_stamp_reply(dns::Bytes packet, const StampRequest& request);

struct Reflection {
  NtpTime received = 0, sent = 0;
  std::uint8_t sender_ttl = 0;
};

// The reflector's reply, as long as the request (RFC 8762 4.3, stateless: it repeats the sender's sequence). Empty if
// the request is malformed. Also empty if the request is itself a reflector's reply: a forged source address could
// otherwise make two reflectors answer each other for ever. For that reason the octets that a sender must set to zero
// are checked.
std::vector<std::uint8_t> reflect(dns::Bytes request, const Reflection& reflection);

}  // namespace server
