// Zone text to entries: tokens from the start of an entry to the end of its line, or of the line that closes its
// parentheses.
//
// An error ends its entry; `end` is then where reading goes on: behind the entry where its end is known, and otherwise
// at the next line after the error that begins in the first column, where the next owner most likely stands.
#pragma once

#include <optional>
#include <vector>

#include "zone/text/token.h"

namespace dns {

// More fields than this no RDATA can have: a TXT record of 65,535 octets has at most 65,535 empty strings.
inline constexpr std::size_t kMaxTokens = 70'000;

struct TokenizeError {
  std::string_view code;
  std::uint64_t offset = 0;
  std::size_t length = 1;
};

struct Entry {
  std::vector<Token> tokens;  // the owner first where it is written
  enum class Owner : std::uint8_t { kWritten, kPrevious } owner = Owner::kWritten;
  std::uint64_t end = 0;  // where the next entry begins
  std::optional<TokenizeError> error;
  enum class Closed : std::uint8_t {
    kClosed,
    kUnclosed
  } closed = Closed::kClosed;  // kUnclosed: read to the end of the text
};

// Cuts the entry that begins at `begin`, the start of a line. `entry`'s storage is used again.
void tokenize_entry(std::string_view text, std::uint64_t begin, Entry& entry);

}  // namespace dns
