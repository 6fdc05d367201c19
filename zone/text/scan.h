// Splits zone text into lexemes. This is the only code that knows blanks, comments, quotes and escapes (RFC 1035 5.1).
// A pure function of text and offset, used by the parser and by the formatter, which keeps comments.
//
// A word ends at a blank, the end of a line, a parenthesis, a comment or a quote, unless a backslash precedes it. A
// quote directly behind '=' belongs to the word up to the closing quote: alpn="h2,h3" is one word (RFC 9460 2.1). CR
// counts as a blank: lines may end with CR LF.
#pragma once

#include <cstdint>
#include <string_view>

namespace dns {

struct Lexeme {
  enum class Kind : std::uint8_t {
    kWord,
    kQuoted,
    kOpen,
    kClose,
    kComment,
    kLineEnd,
    kEnd,
    kUnclosedQuote,  // error: the text is the rest of the line
    kLoneBackslash,  // error: at the end of a line
  };
  Kind kind = Kind::kEnd;
  std::string_view text;     // a quoted string without its quotes, a comment with its ';'
  std::uint64_t offset = 0;  // of the first octet; for a quoted string, of its opening quote
};

// The next lexeme at or behind `at`, after blanks. Moves `at` behind it. Cost: linear in the octets read.
Lexeme scan(std::string_view text, std::uint64_t& at);

inline constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// The offset behind the byte order marks that some editors write at the start.
constexpr std::uint64_t first_octet(std::string_view text) {
  std::uint64_t at = 0;
  while (text.substr(at).starts_with(kByteOrderMark)) at += kByteOrderMark.size();
  return at;
}

// The offset of the quote that closes the one at `at`; npos if the line ends before it.
std::size_t closing_quote(std::string_view text, std::uint64_t at);

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

}  // namespace dns
