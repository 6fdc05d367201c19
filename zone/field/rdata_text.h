// RDATA in presentation form to wire form, field by field as the type's row in `rr/table.h` says, or `\# n hex` for any
// type.
//
// Each field syntax is one small file (field_*.cpp). Faults are typed and point at the octets at fault; their codes are
// rows of `field_codes.h`. No allocation but for a fault's words.
#pragma once

#include <array>
#include <string>

#include "zone/base/result.h"
#include "zone/name/name.h"
#include "zone/rr/rdata.h"
#include "zone/text/token.h"

namespace dns {

struct RdataTextError {
  std::string_view code;   // "Z023"
  std::size_t token = 0;   // index of the token at fault; tokens.size() where one is missing
  std::size_t offset = 0;  // octets into that token's text
  std::size_t length = 1;  // octets under the caret
  std::string message;     // "256 is larger than 255"; "expected the preference of MX, found nothing"
  std::string help;        // may be empty
};

using RdataBuffer = std::array<std::uint8_t, kMaxRdata>;

// `tokens` are those behind the type. Returns the size written to `out`.
Result<std::size_t, RdataTextError> parse_rdata_text(Type type, std::span<const Token> tokens, NameView origin,
                                                     RdataBuffer& out);

}  // namespace dns
