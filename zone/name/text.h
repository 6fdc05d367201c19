// Names in presentation form: labels separated by dots, `\X` and `\DDD` for octets that would be misread (RFC 1035 5.1,
// RFC 4343 2.1).
//
// Every name can be printed, and parse_name(to_text(name)) == name. An internationalised name is its A-label
// ("xn--..."): octets above 0x7f are printed as \DDD, never as UTF-8.
#pragma once

#include <string>
#include <string_view>

#include "zone/name/name.h"

namespace dns {

enum class NameTextErrorKind : std::uint8_t {
  kEmpty,         // no text at all
  kEmptyLabel,    // "a..b", ".a"
  kLabelTooLong,  // more than 63 octets
  kNameTooLong,   // more than 255 octets in wire form
  kBadEscape,     // "\", "\25", "\256"
};

struct NameTextError {
  NameTextErrorKind error;
  std::size_t offset;  // position of the error in the text

  friend bool operator==(const NameTextError&, const NameTextError&) = default;
};

// Parses a name. Without a final dot the name is relative and `origin` is appended; "@" alone is `origin` (RFC 1035
// 5.1).
Result<Name, NameTextError> parse_name(std::string_view text, NameView origin = {});

// The name with a final dot; "." for the root.
std::string to_text(NameView name);

// Appends one label, escaped as `to_text` does.
void append_label(std::string& out, Bytes label);

// The text of an error: "label longer than 63 octets".
std::string_view describe(NameTextErrorKind error);

}  // namespace dns
