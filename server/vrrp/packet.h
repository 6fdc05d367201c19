// Parses one packet as an advertisement, or says why it is rejected. The receive checks of RFC 9568 7.1 and RFC 3768
// 7.1, for a host that only listens.
//
//     IP header (options accepted, no fragments) -> [authentication header] -> TTL -> destination -> eight octets
//       -> version 2, 3 -> type -> count -> exact length (or with keepalived's HMAC trailer)
//       -> version 2 authentication -> checksum -> HMAC -> interval -> VRID
//       -> first address link-local (IPv6) -> a configured router -> the configured virtual addresses
//
// Implementations compute the checksum of version 3 over IPv4 in three ways: over the message alone (RFC 9568), with
// the pseudo-header (default of keepalived and FRR), and with the group address in the pseudo-header of a unicast
// packet (keepalived before 1.3.7). All are accepted, and the form is reported.
//
// The trailer of keepalived's auth_hmac (28 octets after the message): type 1, key, reserved (2), seconds (4),
// fraction (2), counter (2), HMAC-SHA-256 cut to 16 octets over {family, version, VRID, 0, source in 16 octets}, the
// message with checksum 0, and the trailer with an HMAC of zeros. The checksum covers it over IPv6 only.
//
// Pure, no allocation: the cost of a flood is proportional to its octets. Configuration-dependent checks use the
// virtual router with the packet's VRID and family; the options must stay valid only during the call.
#pragma once

#include <optional>
#include <string>

#include "server/vrrp/counters.h"
#include "server/vrrp/options.h"

namespace server {

inline constexpr std::uint8_t kProtocolVrrp = 112;
inline constexpr std::uint8_t kProtocolAuthHeader = 51;
inline constexpr std::uint8_t kGroupTtl = 255;
inline constexpr std::size_t kHmacTrailerSize = 28;

struct Advertisement {
  VrrpVersion version = VrrpVersion::kV3;  // as sent; never kAny
  std::uint8_t priority = 0;               // 0: the router gives up
  Duration interval{};
  boost::asio::ip::address source;
  std::size_t router = 0;  // index in VirtualRouterOptions::routers
  AdvertForm checksum = AdvertForm::kMessage;
  bool auth_header = false;
  std::optional<AdvertForm> hmac;  // kHmacVerified or kHmacIgnored if there is a trailer
  std::uint64_t hmac_stamp = 0;    // increases with each advertisement of a source
};

struct AdvertResult {
  // Index in `configured`; also for a rejected packet if its VRID could be read.
  std::optional<std::size_t> virtual_router;
  std::optional<AdvertReject> reject;
  boost::asio::ip::address source;  // of the IP packet, as sent; unspecified if that cannot be read
  Advertisement advertisement;      // unspecified if the packet is rejected
};

// `packet` begins with the IP header; octets after its end (padding of a frame) are ignored.
AdvertResult validate_advert(dns::Bytes packet, std::span<const VirtualRouterOptions* const> configured);

// The reason for people, with what the packet has instead: "TTL 64, and 255 is required". May be given no packet.
std::string reject_text(AdvertReject reject, dns::Bytes packet);

// Compares without the zone index: an address in a packet has none.
bool same_address(const boost::asio::ip::address& configured, const boost::asio::ip::address& received);

}  // namespace server
