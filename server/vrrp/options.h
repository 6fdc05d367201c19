// The monitored virtual routers: `[vrrp.NAME]`.
//
// Terms of RFC 9568: a virtual router is a VRID of one address family on one link; its routers are Active or Backup.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "server/runtime/thread.h"
#include "zone/base/bytes.h"

namespace server {

enum class Family : std::uint8_t { kIpv4, kIpv6 };
enum class VrrpVersion : std::uint8_t { kAny, kV2, kV3 };

// The sources of information; several can be combined.
enum class VrrpSource : std::uint8_t {
  kPassive,  // advertisements on the link (AF_PACKET, group joined)
  kNetlink,  // the virtual addresses on this host: it is a router, or shares a router's network namespace
  kFifo,     // keepalived's notify FIFO on this host
};

// What to do while two routers claim to be active.
enum class OnSplit : std::uint8_t {
  kFreeze,          // the last agreed router for `split_hold`, then as kPreferPriority
  kPreferPriority,  // higher priority, then higher address: the router that wins when they hear each other again
  kNone,            // no router counts as active
};

struct RouterOptions {
  std::string name;                                 // "rtr-a"
  std::vector<boost::asio::ip::address> addresses;  // real addresses on the link; the sources of its advertisements

  friend bool operator==(const RouterOptions&, const RouterOptions&) = default;
};

struct VirtualRouterOptions {
  std::string name;       // "lan-gw"
  std::uint8_t vrid = 0;  // 1 to 255
  Family family = Family::kIpv4;
  std::string interface;  // "eth0"
  std::vector<VrrpSource> sources{VrrpSource::kPassive};
  VrrpVersion version = VrrpVersion::kAny;
  // The virtual addresses; advertisements with other addresses are rejected.
  std::vector<boost::asio::ip::address> vips;
  std::vector<RouterOptions> routers;  // the possible active routers; advertisements of others are rejected
  std::string local_router;            // which of `routers` this host is (netlink, fifo); empty: none
  std::string fifo;                    // path of keepalived's notify FIFO
  std::string fifo_instance;           // keepalived's name for the instance: vrrp_instance NAME
  std::string snapshot;                // path of keepalived's JSON file, read before the FIFO; may be empty
  bool unicast = false;                // advertisements are sent to our own address; TTL as `ttl_min` says
  std::uint8_t ttl_min = 255;          // lower only with unicast
  std::string v2_password;             // RFC 2338 simple authentication as configured; empty: any
  std::vector<std::uint8_t> hmac_key;  // keepalived's auth_hmac; empty: trailers are not verified
  unsigned down_timer_adverts = 3;     // missed advertisements before a backup takes over (keepalived's name)
  OnSplit on_split = OnSplit::kFreeze;
  Duration split_hold = std::chrono::seconds{10};
  unsigned flap_transitions = 4;  // this many moves within `flap_within` count as flapping
  Duration flap_within = std::chrono::seconds{60};
  Duration flap_stable = std::chrono::seconds{120};  // time without moves that ends it

  friend bool operator==(const VirtualRouterOptions&, const VirtualRouterOptions&) = default;
};

}  // namespace server
