#include <string>

#include <doctest/doctest.h>

#include "zone/text/tokenize.h"

using namespace dns;

namespace {

// The tokens, separated by blanks, quoted tokens in quotes. A line without an owner begins with '_'. Then the error and
// the rest of the text.
std::string tokens_of(std::string_view text) {
  Entry entry;
  tokenize_entry(text, 0, entry);
  std::string out = entry.owner == Entry::Owner::kPrevious ? "_" : "";
  for (const Token& token : entry.tokens) {
    if (!out.empty()) out += ' ';
    out += token.kind == Token::Kind::kQuoted ? "\"" + std::string(token.text) + "\"" : std::string(token.text);
  }
  if (entry.error) {
    out += " ! " + std::string(entry.error->code) + " at " + std::to_string(entry.error->offset) + "+" +
           std::to_string(entry.error->length);
  }
  return out + " | " + std::string(text.substr(entry.end));
}

}  // namespace

TEST_CASE("tokenizer: splits an entry into tokens") {
  struct Row {
    std::string_view text, expected;
  };
  static constexpr Row rows[] = {
      {"www A 1\nx", "www A 1 | x"},
      {"www A 1", "www A 1 | "},
      {" A 1\r\nx", "_ A 1 | x"},
      {"\tA\t\t1 ; c\nx", "_ A 1 | x"},
      {"; only a comment\nx", " | x"},
      {"\n\n", " | \n"},
      {"a ( b\n ; c )\n c )d\nx", "a b c d | x"},
      {"a ((b)\nc)\nx", "a b c | x"},
      {"a (b)c\n", "a b c | "},
      {"a \"b ; ( \\\" c\" d\n", "a \"b ; ( \\\" c\" d | "},
      {"a \"\"\n", "a \"\" | "},
      {"a b\"c\"d\n", "a b \"c\" d | "},
      {"a alpn=\"h2,h3\" b\n", "a alpn=\"h2,h3\" b | "},
      {"a k=\"x y\"z b\n", "a k=\"x y\"z b | "},
      {"a\\ b \\; \\\\ \\\"\n", "a\\ b \\; \\\\ \\\" | "},
      {"a;b\n", "a | "},
      {"(\na b\n)\nx", "a b | x"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(tokens_of(row.text) == row.expected);
  }
}

TEST_CASE("tokenizer: an error ends only its own entry") {
  struct Row {
    std::string_view text, expected;
  };
  static constexpr Row rows[] = {
      {"a ( b\nc d\n", "a b c d ! Z001 at 2+1 | c d\n"},
      {"a ( b\n 1\n 2\n\nc d\n", "a b 1 2 c d ! Z001 at 2+1 | c d\n"},
      {"a (", "a ! Z001 at 2+1 | "},
      {"a ) b\nx", "a b ! Z002 at 2+1 | x"},
      {"a ( b ) )\nx", "a b ! Z002 at 8+1 | x"},
      {"a \"b\nx", "a ! Z003 at 2+2 | x"},
      {"a ( \"b\n c )\nx", "a c ! Z003 at 4+2 | x"},
      {"a ( \"b )\nx", "a x ! Z003 at 4+4 | x"},
      {"a k=\"b\nx", "a ! Z003 at 4+2 | x"},
      {"a b\\\nx", "a ! Z004 at 3+1 | x"},
      {"a b\\\r\nx", "a ! Z004 at 3+1 | x"},
      {"a \"b\\\nx", "a ! Z003 at 2+3 | x"},
      {"a \\", "a ! Z004 at 2+1 | "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(tokens_of(row.text) == row.expected);
  }
}

TEST_CASE("tokenizer: rejects an entry with more tokens than RDATA can contain") {
  std::string text = "a TXT (";
  for (std::size_t i = 0; i <= kMaxTokens; ++i) text += " x";
  CHECK(tokens_of(text + ")\nnext").ends_with(" ! Z005 at 0+1 | next"));
}
