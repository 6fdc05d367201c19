// Addresses in text form: "192.0.2.1:53", "[2001:db8::1]:53", "192.0.2.1", "2001:db8::1", "*:53", "0.0.0.0:53".
//
// A link-local address is unique on its link only, so it has an interface: "[fe80::1%eth0]:53" (RFC 4007 11). "*" means
// every IPv4 and every IPv6 address, so one text can name two endpoints. "192.0.2.1@53" is accepted as well: other name
// servers use this form. Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/query/request.h"
#include "zone/base/result.h"

namespace server {

inline constexpr std::uint16_t kDnsPort = 53;

// An address of this host with its interface: a name or a number; empty unless the address is link-local.
struct ListenAddress : Endpoint {
  std::string interface;
};

enum class EndpointError : std::uint8_t {
  kEmpty,
  kBadAddress,      // neither IPv4 nor IPv6
  kBadPort,         // not a number of 0 to 65535
  kBracket,         // "[" without "]", or something other than a port behind it
  kNoInterface,     // a link-local address without an interface
  kBadInterface,    // not the name of an interface behind "%"
  kOtherInterface,  // "%" behind an address that is not link-local
};

// The endpoints of `text`, with `default_port` if it has no port. With port 0 the kernel chooses one.
dns::Result<std::vector<ListenAddress>, EndpointError> parse_endpoints(std::string_view text,
                                                                       std::uint16_t default_port = kDnsPort);

// "192.0.2.1:53", "[2001:db8::1]:53".
std::string to_text(const ListenAddress& address);
// Without the port and brackets.
std::string address_text(const ListenAddress& address);

// For messages: "not an IPv4 or IPv6 address".
std::string_view describe(EndpointError error);

bool is_wildcard(const Endpoint& endpoint);
bool is_loopback(const Endpoint& endpoint);
bool same_address(const Endpoint& a, const Endpoint& b);
bool same_address(const ListenAddress& a, const ListenAddress& b);  // with the interface
// True for a link-local IPv6 address in text form without an interface: no program can send to it.
bool lacks_interface(const std::string& address);

// Two endpoints that cannot both be bound, as "0.0.0.0:53 and 192.0.2.1:53"; empty if there are none.
std::string overlapping(const std::vector<ListenAddress>& endpoints);

}  // namespace server
