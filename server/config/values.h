// Parses the small texts of a configuration: durations, percentages, DSCP words, hexadecimal keys. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "zone/snapshot/views.h"

namespace server {

// "500ms", "10s", "2m", "1h" in milliseconds.
std::optional<std::int64_t> parse_duration(std::string_view text);
// As above, in the largest unit without a remainder.
std::string duration_text(std::int64_t milliseconds);

// "1%", "0.3%" as a share of 1; at most 100%.
std::optional<double> parse_percent(std::string_view text);

// IPv4 or IPv6, without port, scope or brackets.
std::optional<boost::asio::ip::address> parse_address(std::string_view text);
// True for an address in fe80::/10 (RFC 4291 2.4), which needs an interface.
bool is_link_local(const boost::asio::ip::address& address);

// "ef", "af41", "cs6", "default", "va", "le" or a number from 0 to 63 (RFC 2474, 2597, 3246, 5865, 8622).
std::optional<std::uint8_t> parse_dscp(std::string_view text);

// An even number of hexadecimal digits, at least two.
std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view text);

// Valid names of sections, routers and members: 1 to 63 letters, digits, '-', '_' and '.'. So "lan-gw:rtr-a" and
// "www.example.com/A:via-a" are never ambiguous.
bool is_object_name(std::string_view text);

}  // namespace server
