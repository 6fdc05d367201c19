// One packet as an advertisement, or why not: the checks on receipt of RFC 9568 7.1 and RFC 3768 7.1 for one who only
// listens.
//
//     IP header (options honoured, no fragment) -> [authentication header] -> TTL -> destination -> eight octets ->
//     version 2, 3
//     -> type -> count -> exact length (or with keepalived's HMAC trailer) -> version 2 authentication -> checksum ->
//     HMAC
//     -> interval -> VRID -> first address link-local (IPv6) -> a configured router -> the configured virtual addresses
//
// Version 3 over IPv4 is summed in three ways in the field: the message alone (RFC 9568), with the pseudo-header
// (keepalived and FRR by default), and with the group in the pseudo-header of a unicast one (keepalived before 1.3.7);
// all are taken and told.
//
// The trailer of keepalived's auth_hmac (28 octets behind the message): type 1, key, reserved (2), seconds (4),
// fraction (2), counter (2), HMAC-SHA-256 cut to 16 octets over {family, version, VRID, 0, source in 16 octets}, the
// message with checksum 0, and the trailer with an HMAC of zeros. The checksum covers it over IPv6 only.
//
// Pure, no allocation: a flood costs what its octets cost. Rules that depend on the configuration are those of the
// virtual router whose VRID and family the packet bears; they outlive the call alone.
#pragma once

#include <optional>

#include "server/vrrp/counters.h"
#include "server/vrrp/options.h"

namespace server {

inline constexpr std::uint8_t kProtocolVrrp = 112;
inline constexpr std::uint8_t kProtocolAuthHeader = 51;
inline constexpr std::uint8_t kGroupTtl = 255;
inline constexpr std::size_t kHmacTrailerSize = 28;

struct Advertisement {
  VrrpVersion version = VrrpVersion::kV3;  // as sent: never kAny
  std::uint8_t priority = 0;               // 0: it gives up
  Duration interval{};
  boost::asio::ip::address source;
  std::size_t router = 0;  // index in VirtualRouterOptions::routers
  AdvertForm checksum = AdvertForm::kMessage;
  bool auth_header = false;
  std::optional<AdvertForm> hmac;  // kHmacVerified or kHmacIgnored where there is a trailer
  std::uint64_t hmac_stamp = 0;    // grows from one to the next of a source
};

struct AdvertResult {
  std::optional<std::size_t> virtual_router;  // index in `configured`; of a reject too, where its VRID could be read
  std::optional<AdvertReject> reject;
  Advertisement advertisement;  // of no meaning with a reject
};

// `packet` begins with the IP header; what follows the packet (padding of a frame) is passed over.
AdvertResult validate_advert(dns::Bytes packet, std::span<const VirtualRouterOptions* const> configured);

}  // namespace server
