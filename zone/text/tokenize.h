// Splits zone text into entries: the tokens of one record, from the start of a line to the end of that line, or of the
// line that closes its parentheses.
//
// An error ends its entry. Parsing then continues at `end`: behind the entry if its end is known, otherwise at the next
// line behind the error that begins in the first column, which probably starts with an owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace dns {

// The upper limit of tokens in RDATA: a TXT record of 65,535 octets has at most 65,535 empty strings.
inline constexpr std::size_t kMaxTokens = 70'000;

struct Token {
  std::string_view text;     // as written: escapes unresolved, without the quotes
  std::uint64_t offset = 0;  // of its first octet in the text; for a quoted string, of its opening quote
  enum class Kind : std::uint8_t { kPlain, kQuoted } kind = Kind::kPlain;
};

struct TokenizeError {
  std::string_view code;
  std::uint64_t offset = 0;
  std::size_t length = 1;
};

struct Entry {
  std::vector<Token> tokens;  // begins with the owner, if it is written
  enum class Owner : std::uint8_t { kWritten, kPrevious } owner = Owner::kWritten;
  std::uint64_t end = 0;  // where the next entry begins
  std::optional<TokenizeError> error;
  // kUnclosed: a parenthesis is open at the end of the text.
  enum class Closed : std::uint8_t { kClosed, kUnclosed } closed = Closed::kClosed;
};

// Tokenizes the entry that begins at `begin`, the start of a line. Reuses the storage of `entry`.
void tokenize_entry(std::string_view text, std::uint64_t begin, Entry& entry);

}  // namespace dns
