// Octets as text: hexadecimal, base64 (RFC 4648 4), base32hex (RFC 4648 7), addresses, and times of RRSIG.
//
// Printing appends to a string. Reading is in `zone/field`, where faults have places; addresses are read by address.h.
#pragma once

#include <string>

#include "zone/base/bytes.h"

namespace dns {

void append_number(std::string& out, std::uint64_t value);
void append_hex(std::string& out, Bytes octets);        // upper case
void append_base64(std::string& out, Bytes octets);     // padded
void append_base32hex(std::string& out, Bytes octets);  // upper case, without padding (RFC 5155 3.3)
void append_ipv4(std::string& out, const std::uint8_t* octets);
void append_ipv6(std::string& out, const std::uint8_t* octets);  // RFC 5952
void append_time(std::string& out, std::uint32_t seconds);       // YYYYMMDDHHmmSS in 1970 to 2106 (RFC 4034 3.2)
// The octets between quotes: `\"`, `\\`, and \DDD for what cannot be seen.
void append_quoted(std::string& out, Bytes octets);

}  // namespace dns
