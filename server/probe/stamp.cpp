#include "server/probe/stamp.h"

#include <algorithm>

namespace server {
namespace {

constexpr std::uint64_t kNtpEpoch = 2'208'988'800;  // 1970 in seconds since 1900

// The local clock counts as not synchronised (S 0), NTP format (Z 0), scale 0; the multiplier must not be 0.
constexpr std::uint16_t kErrorEstimate = 0x0001;

// Offsets in a packet.
constexpr std::size_t kSequence = 0, kTimestamp = 4, kEstimate = 12, kReceived = 16, kSenderPart = 24, kSenderTtl = 40;
constexpr std::size_t kSenderPartSize = 14;  // its sequence, timestamp and estimate

Duration between(NtpTime from, NtpTime to) {
  const auto ticks = static_cast<std::int64_t>(to - from);  // of 2^-32 s
  if (ticks <= 0) return {};
  constexpr std::int64_t kSecond = 1'000'000'000;
  return Duration((ticks >> 32) * kSecond + ((ticks & 0xffff'ffff) * kSecond >> 32));
}

}  // namespace

NtpTime ntp_time(std::chrono::system_clock::time_point wall) {
  const auto since = std::chrono::duration_cast<std::chrono::nanoseconds>(wall.time_since_epoch()).count();
  const auto nanoseconds = static_cast<std::uint64_t>(since);
  constexpr std::uint64_t kSecond = 1'000'000'000;
  return (nanoseconds / kSecond + kNtpEpoch) << 32 | ((nanoseconds % kSecond) << 32) / kSecond;
}

std::array<std::uint8_t, kStampSize> encode(const StampRequest& request) {
  std::array<std::uint8_t, kStampSize> packet{};
  dns::store32(&packet[kSequence], request.sequence);
  dns::store64(&packet[kTimestamp], request.sent);
  dns::store16(&packet[kEstimate], kErrorEstimate);
  return packet;
}

std::optional<StampReply> parse_stamp_reply(dns::Bytes packet, const StampRequest& request) {
  if (packet.size() < kStampSize) return std::nullopt;
  const std::uint8_t* at = packet.data();
  if (dns::load32(at + kSenderPart) != request.sequence || dns::load64(at + kSenderPart + 4) != request.sent)
    return std::nullopt;
  return StampReply{.residence = between(dns::load64(at + kReceived), dns::load64(at + kTimestamp)),
                    .sender_ttl = at[kSenderTtl]};
}

std::vector<std::uint8_t> reflect(dns::Bytes request, const Reflection& reflection) {
  if (request.size() < kStampSize || request.size() > kMaxStampSize) return {};
  const bool multiplier = request[kEstimate + 1] != 0;
  const bool from_sender = std::ranges::all_of(request.subspan(kReceived, kStampSize - kReceived),
                                               [](std::uint8_t octet) { return octet == 0; });
  if (!multiplier || !from_sender) return {};
  std::vector<std::uint8_t> packet(request.begin(), request.end());
  dns::store64(&packet[kTimestamp], reflection.sent);
  dns::store16(&packet[kEstimate], kErrorEstimate);
  dns::store16(&packet[kEstimate + 2], 0);
  dns::store64(&packet[kReceived], reflection.received);
  std::ranges::copy(request.first(kSenderPartSize), packet.begin() + kSenderPart);
  packet[kSenderTtl] = reflection.sender_ttl;
  return packet;
}

}  // namespace server
