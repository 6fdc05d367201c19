#include "server/listen/endpoint.h"

#include <arpa/inet.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "server/listen/options.h"

namespace server {
namespace {

constexpr std::size_t kIpv4Size = 4, kIpv6Size = 16;
constexpr std::uint16_t kFirstStartPort = 5300;

using Parsed = dns::Result<std::vector<ListenAddress>, EndpointError>;

// fe80::/10 (RFC 4291 2.4).
bool is_link_local(const Endpoint& endpoint) {
  return endpoint.address_size == kIpv6Size && endpoint.address[0] == 0xfe && (endpoint.address[1] & 0xc0) == 0x80;
}

// The names that the kernel allows.
bool is_interface_name(std::string_view text) {
  return !text.empty() && text.size() < IFNAMSIZ && text != "." && text != ".." &&
         std::ranges::none_of(text, [](char c) { return c == '/' || c == ':' || c == '%' || (c >= 0 && c <= ' '); });
}

dns::Result<ListenAddress, EndpointError> parse_address(const std::string& text) {
  ListenAddress parsed;
  const std::size_t percent = std::min(text.find('%'), text.size());
  const std::string address = text.substr(0, percent);
  if (::inet_pton(AF_INET, address.c_str(), parsed.address.data()) == 1) parsed.address_size = kIpv4Size;
  else if (::inet_pton(AF_INET6, address.c_str(), parsed.address.data()) == 1) parsed.address_size = kIpv6Size;
  else return dns::Failure<EndpointError>(EndpointError::kBadAddress);
  if (percent == text.size()) {
    if (is_link_local(parsed)) return dns::Failure<EndpointError>(EndpointError::kNoInterface);
    return parsed;
  }
  if (!is_link_local(parsed)) return dns::Failure<EndpointError>(EndpointError::kOtherInterface);
  parsed.interface = text.substr(percent + 1);
  if (!is_interface_name(parsed.interface)) return dns::Failure<EndpointError>(EndpointError::kBadInterface);
  return parsed;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

struct AddressAndPort {
  std::string_view address;
  std::optional<std::string_view> port;
};

// A bare IPv6 address has more than one colon and no port: with a port it needs brackets.
dns::Result<AddressAndPort, EndpointError> split(std::string_view text) {
  if (text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return dns::Failure<EndpointError>(EndpointError::kBracket);
    const std::string_view address = text.substr(1, close - 1), rest = text.substr(close + 1);
    if (rest.empty()) return AddressAndPort{address, std::nullopt};
    if (rest.front() != ':' && rest.front() != '@') return dns::Failure<EndpointError>(EndpointError::kBracket);
    return AddressAndPort{address, rest.substr(1)};
  }
  std::size_t at = text.find('@');
  if (at == std::string_view::npos && std::ranges::count(text, ':') == 1) at = text.find(':');
  if (at == std::string_view::npos) return AddressAndPort{text, std::nullopt};
  return AddressAndPort{text.substr(0, at), text.substr(at + 1)};
}

}  // namespace

Parsed parse_endpoints(std::string_view text, std::uint16_t default_port) {
  if (text.empty()) return dns::Failure<EndpointError>(EndpointError::kEmpty);
  const auto parts = split(text);
  if (!parts) return dns::Failure<EndpointError>(parts.error());
  std::uint16_t port = default_port;
  if (parts->port) {
    const auto parsed = parse_port(*parts->port);
    if (!parsed) return dns::Failure<EndpointError>(EndpointError::kBadPort);
    port = *parsed;
  }
  std::vector<ListenAddress> endpoints;
  for (const std::string& address : parts->address == "*" ? std::vector<std::string>{"0.0.0.0", "::"}
                                                          : std::vector<std::string>{std::string(parts->address)}) {
    auto endpoint = parse_address(address);
    if (!endpoint) return dns::Failure<EndpointError>(endpoint.error());
    endpoint->port = port;
    endpoints.push_back(std::move(*endpoint));
  }
  return endpoints;
}

std::string address_text(const ListenAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.address_size == kIpv6Size ? AF_INET6 : AF_INET;
  ::inet_ntop(family, address.address.data(), text.data(), static_cast<socklen_t>(text.size()));
  return address.interface.empty() ? text.data() : text.data() + ("%" + address.interface);
}

std::string to_text(const ListenAddress& address) {
  const std::string text = address_text(address), port = std::to_string(address.port);
  return address.address_size == kIpv6Size ? "[" + text + "]:" + port : text + ":" + port;
}

std::string_view describe(EndpointError error) {
  switch (error) {
    case EndpointError::kEmpty: return "the address is empty";
    case EndpointError::kBadAddress: return "not an IPv4 or IPv6 address";
    case EndpointError::kBadPort: return "the port must be a number from 0 to 65535";
    case EndpointError::kBracket: return "write an IPv6 address with a port as [2001:db8::1]:53";
    case EndpointError::kNoInterface: return "write a link-local address with its interface: [fe80::1%eth0]:53";
    case EndpointError::kBadInterface: return "not the name of an interface behind %: write [fe80::1%eth0]:53";
    case EndpointError::kOtherInterface: return "only a link-local address (fe80::/10) has an interface behind %";
  }
  return {};
}

bool is_wildcard(const Endpoint& endpoint) {
  return std::ranges::all_of(endpoint.address, [](std::uint8_t octet) { return octet == 0; });
}

bool is_loopback(const Endpoint& endpoint) {
  if (endpoint.address_size == kIpv4Size) return endpoint.address[0] == 127;
  return endpoint.address[15] == 1 && std::all_of(endpoint.address.begin(), endpoint.address.end() - 1,
                                                  [](std::uint8_t octet) { return octet == 0; });
}

bool same_address(const Endpoint& a, const Endpoint& b) {
  return a.address_size == b.address_size && a.address == b.address;
}

bool same_address(const ListenAddress& a, const ListenAddress& b) {
  return same_address(static_cast<const Endpoint&>(a), b) && a.interface == b.interface;
}

bool lacks_interface(const std::string& address) {
  const auto parsed = parse_address(address);
  return !parsed && parsed.error() == EndpointError::kNoInterface;
}

std::vector<ListenAddress> default_addresses() {
  return {ListenAddress{Endpoint{.address = {127, 0, 0, 1}, .address_size = kIpv4Size, .port = kFirstStartPort}, {}}};
}

std::string overlapping(const std::vector<ListenAddress>& endpoints) {
  for (auto later = endpoints.begin(); later != endpoints.end(); ++later)
    for (auto earlier = endpoints.begin(); earlier != later; ++earlier) {
      const bool same = same_address(*earlier, *later), covers = earlier->address_size == later->address_size &&
                                                                 (is_wildcard(*earlier) || is_wildcard(*later));
      if (earlier->port == later->port && later->port != 0 && (same || covers))
        return to_text(*earlier) + " and " + to_text(*later);
    }
  return {};
}

}  // namespace server
