#include "server/probe/echo_packet.h"

namespace server {
namespace {

constexpr std::uint8_t kRequest4 = 8, kReply4 = 0, kRequest6 = 128, kReply6 = 129;
constexpr std::size_t kHeader = 8, kToken = 8;
constexpr std::size_t kMinIpHeader = 20;

// RFC 1071. The result is 0 for a message with a correct checksum.
std::uint16_t internet_checksum(dns::Bytes message) {
  std::uint32_t sum = 0;
  std::size_t at = 0;
  for (; at + 2 <= message.size(); at += 2) sum += dns::load16(message.data() + at);
  if (at < message.size()) sum += std::uint32_t{message[at]} << 8;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

// The payload after the IP header; empty if there is none.
dns::Bytes behind_ip_header(dns::Bytes packet) {
  if (packet.size() < kMinIpHeader || packet[0] >> 4 != 4) return {};
  const std::size_t header = std::size_t{4} * (packet[0] & 0x0f);
  return header >= kMinIpHeader && header <= packet.size() ? packet.subspan(header) : dns::Bytes();
}

}  // namespace

std::array<std::uint8_t, kEchoSize> encode(const EchoRequest& request) {
  std::array<std::uint8_t, kEchoSize> packet{};
  packet[0] = request.family == EchoFamily::kIpv4 ? kRequest4 : kRequest6;
  dns::store16(&packet[4], request.identifier);
  dns::store16(&packet[6], request.sequence);
  dns::store64(&packet[kToken], request.token);
  if (request.family == EchoFamily::kIpv4) dns::store16(&packet[2], internet_checksum(packet));
  return packet;
}

std::optional<std::uint64_t> parse_echo_reply(dns::Bytes packet, EchoFamily family, EchoFraming framing) {
  const dns::Bytes message = framing == EchoFraming::kWithIpHeader ? behind_ip_header(packet) : packet;
  if (message.size() < kHeader + sizeof(std::uint64_t)) return std::nullopt;
  if (message[0] != (family == EchoFamily::kIpv4 ? kReply4 : kReply6) || message[1] != 0) return std::nullopt;
  if (framing == EchoFraming::kWithIpHeader && internet_checksum(message) != 0) return std::nullopt;
  return dns::load64(message.data() + kToken);
}

}  // namespace server
