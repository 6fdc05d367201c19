// ICMP echo (RFC 792) and ICMPv6 echo (RFC 4443 4): requests that carry a token, and replies identified by it.
//
// The identifier cannot tell replies apart: the kernel chooses it for a ping socket. A random token in the payload can:
// an attacker who is not on the path cannot guess it, and a late reply to an earlier request carries another one. Pure.
#pragma once

#include <array>
#include <optional>

#include "zone/base/bytes.h"

namespace server {

enum class EchoFamily : std::uint8_t { kIpv4, kIpv6 };

// What the socket delivers: a raw IPv4 socket includes the IP header.
enum class EchoFraming : std::uint8_t { kMessage, kWithIpHeader };

inline constexpr std::size_t kEchoSize = 8 + 8 + 40;  // header, token, padding: 56 octets, the size of a small packet

struct EchoRequest {
  EchoFamily family{};
  std::uint16_t identifier = 0, sequence = 0;
  std::uint64_t token = 0;
};

// IPv4: with the checksum. IPv6: the kernel computes it over the pseudo-header.
std::array<std::uint8_t, kEchoSize> encode(const EchoRequest& request);

// The token of an echo reply; nothing for any other message. The kernel verifies the checksum for ICMPv6 and for ping
// sockets; for a raw IPv4 socket it is verified here.
std::optional<std::uint64_t> parse_echo_reply(dns::Bytes packet, EchoFamily family, EchoFraming framing);

}  // namespace server
