// The fast path of the zone parser, for plain lines: records on one line without quotes, parentheses, comments and
// escapes. They are nearly all lines of a large zone.
//
//     text --- find_token_bounds, per window ---> bounds --- per line ---> owner, TTL, class, type, RDATA ---> sink
//
// It gives the same result as the full parser. A line that it cannot decide is left for the full parser. RDATA of the
// types that fill large zones is written directly from the text. For other types it collects the tokens of the line and
// calls the field readers of the full parser. It allocates no memory per record and writes no messages. Cost: about a
// nanosecond per octet without special instructions, two thirds of that with them.
#pragma once

#include <array>
#include <memory>

#include "zone/master/entry.h"
#include "zone/master/parser.h"
#include "zone/master/plain_fields.h"
#include "zone/text/lines.h"

namespace dns {

class PlainLines {
 public:
  // Without a level no line is taken.
  PlainLines(std::optional<SimdLevel> level, std::string_view text, std::uint32_t source, Scope& scope,
             Inherited& inherited, RdataBuffer& rdata, RecordSink& sink);

  // Parses lines from `at`, the start of a line, as long as they are plain. Returns the begin of the first other line,
  // or the size of the text. Between calls the scope is up to date, and the caller may change it.
  std::uint64_t take(std::uint64_t at);

 private:
  static constexpr std::size_t kMaxFields = 40;  // tokens of RDATA on a plain line
  struct Window {
    explicit Window(std::size_t octets) : bounds(octets) {
      if (octets > kSmallText) heap = std::make_unique_for_overwrite<char[]>(octets + kSlack);
      tail = heap ? heap.get() : stack.data();
    }
    TokenBounds bounds;
    char* tail;  // a copy of the end of the text, with kSlack octets behind it
    std::unique_ptr<char[]> heap;
    std::array<char, kSmallText + kSlack> stack;
  };
  struct Fields;

  // The body of `take`, compiled once for each instruction set.
  std::uint64_t take_lines(std::uint64_t at);
  std::uint64_t take_with_bmi(std::uint64_t at);

  void load_scope();
  void save_scope();
  bool refill(std::uint64_t at);
  bool take_line(Fields fields, bool blank_owner);
  bool set_owner(std::string_view text);
  NameView owner() const { return NameView::trusted(owners_[owner_at_].data(), owner_size_); }
  bool is_relative_twice(std::string_view name) const;
  std::optional<Type> type_of(std::string_view text, std::uint64_t word);
  std::optional<Type> new_type(std::string_view text, std::uint64_t word);
  std::size_t common_rdata(Type type, Fields& fields);
  std::size_t ds_rdata(Fields& fields);
  std::size_t name_field(Fields& fields, std::uint8_t* out);
  std::optional<std::size_t> gathered_rdata(Type type, Fields fields);

  std::optional<SimdLevel> level_;
  std::string_view text_;
  std::uint32_t source_;
  Scope& scope_;
  Inherited& inherited_;
  RdataBuffer& rdata_;
  RecordSink& sink_;

  std::optional<Window> window_;
  const char* base_ = nullptr;                       // the window's text
  std::uint64_t window_begin_ = 0, window_end_ = 0;  // whole lines
  std::size_t line_ = 0;                             // index of the next line

  using Wire = std::array<std::uint8_t, kMaxName + 2 * kSlack>;
  std::array<Wire, 2> owners_;  // the current owner, and a buffer for the next
  std::size_t owner_at_ = 0;
  std::size_t owner_size_ = 0;   // 0: none yet
  std::string_view owner_text_;  // the text of the current owner
  enum class From : std::uint8_t { kScope, kLine };
  From owner_from_ = From::kScope, ttl_from_ = From::kScope;
  std::optional<std::uint32_t> ttl_;  // for a record without TTL
  std::uint32_t last_ttl_ = 0;        // valid with ttl_from_ == kLine

  struct TypeSlot {
    std::uint64_t word = 0;
    Type type{};
  };
  std::array<TypeSlot, 64> types_{};  // cache of recent mnemonics, by their octets
};

}  // namespace dns
