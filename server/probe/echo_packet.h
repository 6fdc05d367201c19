// ICMP echo (RFC 792) and ICMPv6 echo (RFC 4443 4): requests that carry a token, replies that are known by it.
//
// The identifier is of no use to tell replies apart: a ping socket's is the kernel's choice. A random token in the
// payload is: nobody off the path can guess it, and a late reply to an earlier request carries another. Pure.
#pragma once

#include <array>
#include <optional>

#include "zone/base/bytes.h"

namespace server {

enum class EchoFamily : std::uint8_t { kIpv4, kIpv6 };

// What a socket hands over: a raw IPv4 socket gives the IP header too.
enum class EchoFraming : std::uint8_t { kMessage, kWithIpHeader };

inline constexpr std::size_t kEchoSize =
    8 + 8 + 40;  // header, token, padding: 56 octets, as a small packet of a service

struct EchoRequest {
  EchoFamily family{};
  std::uint16_t identifier = 0, sequence = 0;
  std::uint64_t token = 0;
};

// IPv4: with its checksum. IPv6: the kernel writes it, over the pseudo-header.
std::array<std::uint8_t, kEchoSize> encode(const EchoRequest& request);

// The token of an echo reply, nothing for any other message. The kernel has verified ICMPv6's checksum and a ping
// socket's; the one of a raw IPv4 socket is verified here.
std::optional<std::uint64_t> parse_echo_reply(dns::Bytes packet, EchoFamily family, EchoFraming framing);

}  // namespace server
