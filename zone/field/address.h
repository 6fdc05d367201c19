// IPv4 (four decimal octets) and IPv6 (all forms of RFC 4291 2.2) addresses in presentation form, both ways.
#pragma once

#include <string>
#include <string_view>

#include "zone/base/bytes.h"
#include "zone/base/result.h"

namespace dns {

// The fault in an address and its place in the text.
struct AddressError {
  std::size_t offset = 0, length = 0;
  std::string message, help;
};
// Write 4 or 16 octets to `out`.
Result<void, AddressError> parse_ipv4(std::string_view text, std::uint8_t* out);
Result<void, AddressError> parse_ipv6(std::string_view text, std::uint8_t* out);

void append_ipv4(std::string& out, const std::uint8_t* octets);
void append_ipv6(std::string& out, const std::uint8_t* octets);  // RFC 5952

}  // namespace dns
