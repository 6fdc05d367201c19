// RDATA between presentation form and wire form, field by field as the type's row in `rr/table.h` lists them. Any type
// can also be written in the generic form of RFC 3597, `\# n hex`.
//
// Each field syntax has its own file in zone/field. An error has a code, a row of `field_codes.h`, and points at the
// octets at fault. The parser allocates memory only for the message of an error. Pure functions, callable from any
// thread.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "zone/base/result.h"
#include "zone/name/name.h"
#include "zone/rr/rdata.h"
#include "zone/text/tokenize.h"

namespace dns {

struct RdataTextError {
  std::string_view code;   // "Z023"
  std::size_t token = 0;   // index of the token at fault; tokens.size() for a missing token
  std::size_t offset = 0;  // octets into that token's text
  std::size_t length = 1;  // octets under the caret
  std::string message;     // "256 is larger than 255"; "expected the preference of MX, found nothing"
  std::string help;        // may be empty
};

using RdataBuffer = std::array<std::uint8_t, kMaxRdata>;

// `tokens` are the tokens behind the type. Returns the number of octets written to `out`. Accepted RDATA may still give
// `warnings`, in the same form.
Result<std::size_t, RdataTextError> parse_rdata_text(Type type, std::span<const Token> tokens, NameView origin,
                                                     RdataBuffer& out, std::vector<RdataTextError>* warnings = nullptr);

// Appends the RDATA as a zone file writes it: names absolute, strings quoted. Malformed RDATA and RDATA of an unknown
// type get the generic form. The text parses back to the same octets.
void append_rdata(std::string& out, Type type, Bytes rdata);

}  // namespace dns
