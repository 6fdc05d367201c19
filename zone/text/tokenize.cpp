#include "zone/text/tokenize.h"

#include "zone/text/scan.h"

namespace dns {
namespace {

using Kind = Lexeme::Kind;

class Tokenizer {
 public:
  Tokenizer(std::string_view text, Entry& entry) : text_(text), entry_(entry) {}

  // True until the entry ends.
  bool take(const Lexeme& lexeme) {
    switch (lexeme.kind) {
      case Kind::kWord: token(lexeme, Token::Kind::kPlain); return true;
      case Kind::kQuoted: token(lexeme, Token::Kind::kQuoted); return true;
      case Kind::kOpen:
        if (depth_++ == 0) opened_at_ = lexeme.offset;
        return true;
      case Kind::kClose:
        if (depth_ == 0) error("Z002", lexeme.offset, 1);
        else --depth_;
        return true;
      case Kind::kComment: return true;
      case Kind::kLineEnd: return depth_ > 0;
      case Kind::kUnclosedQuote: error("Z003", lexeme.offset, lexeme.text.size()); return true;
      case Kind::kLoneBackslash: error("Z004", lexeme.offset, 1); return true;
      case Kind::kEnd: break;
    }
    if (depth_ > 0) unclosed();
    return false;
  }

 private:
  void token(const Lexeme& lexeme, Token::Kind kind) {
    if (entry_.tokens.size() < kMaxTokens) entry_.tokens.push_back({lexeme.text, lexeme.offset, kind});
    else error("Z005", entry_.tokens.front().offset, entry_.tokens.front().text.size());
  }

  // Keeps the first error: later ones are mostly its consequence.
  void error(std::string_view code, std::uint64_t offset, std::size_t length) {
    if (!entry_.error) entry_.error = {code, offset, length};
  }

  void unclosed() {
    error("Z001", opened_at_, 1);
    entry_.closed = Entry::Closed::kUnclosed;
    std::size_t line = text_.find('\n', entry_.error->offset);
    while (line != std::string_view::npos && line + 1 < text_.size() &&
           (is_blank(text_[line + 1]) || text_[line + 1] == '\n' || text_[line + 1] == ')'))
      line = text_.find('\n', line + 1);
    entry_.end = line == std::string_view::npos ? text_.size() : line + 1;
  }

  std::string_view text_;
  Entry& entry_;
  std::size_t depth_ = 0;
  std::uint64_t opened_at_ = 0;
};

}  // namespace

void tokenize_entry(std::string_view text, std::uint64_t begin, Entry& entry) {
  entry.tokens.clear();
  entry.error.reset();
  entry.closed = Entry::Closed::kClosed;
  entry.owner = begin < text.size() && is_blank(text[begin]) ? Entry::Owner::kPrevious : Entry::Owner::kWritten;
  Tokenizer tokenizer(text, entry);
  std::uint64_t at = begin;
  bool more = true;
  while (more) more = tokenizer.take(scan(text, at));
  if (entry.closed == Entry::Closed::kClosed) entry.end = at;
}

}  // namespace dns
