// STAMP packets (RFC 8762, unauthenticated mode): what a session's sender and its reflector exchange over UDP.
//
//     sender     | sequence 32 | timestamp 64 | error estimate 16 | zero, 30 octets | reflector  | sequence 32 |
//     timestamp 64 | error estimate 16 | zero 16 | received 64 | the sender's first 14 octets    |
//                | zero 16 | the sender's TTL 8 | zero 24 |                              either is 44 octets
//
// Timestamps are NTP's (seconds since 1900 and their fraction), so that differences of two are meaningful whatever the
// clock of the other side; only those of one side are ever subtracted. Pure.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include "server/runtime/instant.h"
#include "zone/base/bytes.h"

namespace server {

inline constexpr std::uint16_t kStampPort = 862;
inline constexpr std::size_t kStampSize = 44;
inline constexpr std::size_t kMaxStampSize = 1500;  // padding is sent back as it came, so that both ways cost the same

using NtpTime = std::uint64_t;  // 32 bits of seconds since 1900, 32 of their fraction

NtpTime ntp_time(std::chrono::system_clock::time_point wall);

struct StampRequest {
  std::uint32_t sequence = 0;
  NtpTime sent = 0;
};

std::array<std::uint8_t, kStampSize> encode(const StampRequest& request);

// What came back for `request`.
struct StampReply {
  Duration residence{};         // between reception and transmission at the reflector; 0 where its clock went back
  std::uint8_t sender_ttl = 0;  // as it arrived there
};

// Nothing where the octets are not a reflector's packet for exactly that request.
std::optional<StampReply> parse_stamp_reply(dns::Bytes packet, const StampRequest& request);

struct Reflection {
  NtpTime received = 0, sent = 0;
  std::uint8_t sender_ttl = 0;
};

// The reflector's answer, of the request's size (RFC 8762 4.3, stateless: the sequence is the sender's); empty where it
// is not well formed. Also empty for what is itself a reflector's packet: two reflectors that a forged source brought
// together would go on for ever. That is why octets which a sender must set to zero are looked at.
std::vector<std::uint8_t> reflect(dns::Bytes request, const Reflection& reflection);

}  // namespace server
