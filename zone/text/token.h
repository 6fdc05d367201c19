// One entry of a master file, cut into tokens: what lies between the owner and the end of the line, parentheses
// resolved.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace dns {

struct Token {
  std::string_view text;     // as written: escapes unresolved, without the quotes
  std::uint64_t offset = 0;  // of its first octet (a quoted one's quote) in the source
  enum class Kind : std::uint8_t { kPlain, kQuoted } kind = Kind::kPlain;
};

}  // namespace dns
