// RDATA in tests: text to octets to text, so that a test is a row of strings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "zone/field/rdata_text.h"

namespace test {

// Tokens as the zone parser splits them: blanks separate tokens; quotes keep blanks in a token and end the token before
// them.
std::vector<dns::Token> cut(std::string_view text);

// The RDATA of `text` under origin "example.", or the fault.
dns::Result<std::vector<std::uint8_t>, dns::RdataTextError> read_rdata(dns::Type type, std::string_view text);

// "0a000001", or for a fault "Z025 @2+3: 256 is larger than 255": code, offset in the text, length, message.
std::string rdata_hex(std::string_view type, std::string_view text);

std::string hex_of(dns::Bytes octets);
std::vector<std::uint8_t> octets_of(std::string_view hex);  // ignores blanks

std::string rdata_text(dns::Type type, dns::Bytes rdata);
dns::Type type_of(std::string_view mnemonic);

}  // namespace test
