// IPv4 (four decimal octets) and IPv6 (all forms of RFC 4291 2.2) addresses read from text. Printing is in encoding.h.
#pragma once

#include <string>
#include <string_view>

#include "zone/base/bytes.h"
#include "zone/base/result.h"

namespace dns {

// What is wrong with an address, and where in its text.
struct AddressError {
  std::size_t offset = 0, length = 0;
  std::string message, help;
};
// Into 4 or 16 octets at `out`.
Result<void, AddressError> ipv4_of(std::string_view text, std::uint8_t* out);
Result<void, AddressError> ipv6_of(std::string_view text, std::uint8_t* out);

}  // namespace dns
