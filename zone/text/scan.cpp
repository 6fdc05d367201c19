#include "zone/text/scan.h"

#include <algorithm>
#include <array>

namespace dns {
namespace {

using Kind = Lexeme::Kind;

// Octets that end a word or that need a closer look.
constexpr auto kEndsWord = [] {
  std::array<bool, 256> ends{};
  for (const char c : {' ', '\t', '\r', '\n', '(', ')', ';', '"', '\\'}) ends[static_cast<std::uint8_t>(c)] = true;
  return ends;
}();

bool line_ends_at(std::string_view text, std::uint64_t at) {
  return at >= text.size() || text[at] == '\n' || (text[at] == '\r' && (at + 1 >= text.size() || text[at + 1] == '\n'));
}

Lexeme unclosed(std::string_view text, std::uint64_t quote, std::uint64_t& at) {
  at = std::min<std::uint64_t>(text.find('\n', quote), text.size());
  return {Kind::kUnclosedQuote, text.substr(quote, at - quote), quote};
}

Lexeme word(std::string_view text, std::uint64_t& at) {
  const std::uint64_t begin = at;
  for (;;) {
    while (at < text.size() && !kEndsWord[static_cast<std::uint8_t>(text[at])]) ++at;
    if (at < text.size() && text[at] == '\\') {
      if (line_ends_at(text, at + 1)) {
        ++at;
        return {Kind::kLoneBackslash, text.substr(at - 1, 1), at - 1};
      }
      at += 2;
    } else if (at < text.size() && text[at] == '"' && at > begin && text[at - 1] == '=') {
      const std::size_t close = closing_quote(text, at);
      if (close == std::string_view::npos) return unclosed(text, at, at);
      at = close + 1;
    } else {
      return {Kind::kWord, text.substr(begin, at - begin), begin};
    }
  }
}

Lexeme quoted(std::string_view text, std::uint64_t& at) {
  const std::uint64_t begin = at;
  const std::size_t close = closing_quote(text, begin);
  if (close == std::string_view::npos) return unclosed(text, begin, at);
  at = close + 1;
  return {Kind::kQuoted, text.substr(begin + 1, close - begin - 1), begin};
}

}  // namespace

std::size_t closing_quote(std::string_view text, std::uint64_t at) {
  for (++at; at < text.size() && text[at] != '\n'; ++at) {
    if (text[at] == '"') return at;
    if (text[at] == '\\' && !line_ends_at(text, at + 1)) ++at;
  }
  return std::string_view::npos;
}

Lexeme scan(std::string_view text, std::uint64_t& at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  if (at >= text.size()) return {Kind::kEnd, {}, at};
  switch (text[at]) {
    case '\n': return {Kind::kLineEnd, text.substr(at, 1), at++};
    case '(': return {Kind::kOpen, text.substr(at, 1), at++};
    case ')': return {Kind::kClose, text.substr(at, 1), at++};
    case '"': return quoted(text, at);
    case ';': {
      const std::uint64_t begin = at;
      at = std::min<std::uint64_t>(text.find('\n', at), text.size());
      const bool cr = text[at - 1] == '\r';
      return {Kind::kComment, text.substr(begin, at - begin - (cr ? 1 : 0)), begin};
    }
    default: return word(text, at);
  }
}

}  // namespace dns
