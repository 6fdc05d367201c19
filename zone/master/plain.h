// The fast path: records that stand on one line without quotes, parentheses, comments and escapes, nearly all of a
// large zone.
//
//     text --- find_token_bounds, a window at a time ---> bounds --- a line at a time ---> owner, TTL, class, type,
//     RDATA ---> sink
//
// It decides nothing that the careful parser would decide otherwise: a line that it is not sure of, for whatever
// reason, it leaves as it is. RDATA of the types that fill large zones is written from the text at once; for other
// types the line's tokens are gathered for the same readers that the careful parser uses. No allocation a record and no
// words. Costs about a nanosecond an octet without instructions for it, two thirds of that with.
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
  // No level: no line is plain.
  PlainLines(std::optional<SimdLevel> level, std::string_view text, std::uint32_t source, Scope& scope,
             Inherited& inherited, RdataBuffer& rdata, RecordSink& sink);

  // Takes lines from `at`, the start of one, as long as they are plain. Returns where the first begins that is not, or
  // the text's size. Between calls the scope is true and may be altered.
  std::uint64_t take(std::uint64_t at);

 private:
  static constexpr std::size_t kMaxFields = 40;  // tokens of RDATA on a plain line
  struct Window {
    explicit Window(std::size_t octets) : bounds(octets) {
      if (octets > kSmallText) heap = std::make_unique_for_overwrite<char[]>(octets + kSlack);
      tail = heap ? heap.get() : stack.data();
    }
    TokenBounds bounds;
    char* tail;  // the text's end, with room behind it
    std::unique_ptr<char[]> heap;
    std::array<char, kSmallText + kSlack> stack;
  };
  struct Fields;

  // The body of `take`, once for each kind of machine that its code is made for.
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
  std::size_t line_ = 0;                             // the next

  using Wire = std::array<std::uint8_t, kMaxName + 2 * kSlack>;
  std::array<Wire, 2> owners_;  // the owner, and the one that may be next
  std::size_t owner_at_ = 0;
  std::size_t owner_size_ = 0;   // 0: none yet
  std::string_view owner_text_;  // as it was last written
  enum class From : std::uint8_t { kScope, kLine };
  From owner_from_ = From::kScope, ttl_from_ = From::kScope;
  std::optional<std::uint32_t> ttl_;  // of a record that gives none
  std::uint32_t last_ttl_ = 0;        // with ttl_from_

  struct TypeSlot {
    std::uint64_t word = 0;
    Type type{};
  };
  std::array<TypeSlot, 64> types_{};  // mnemonics met lately, by their octets
};

}  // namespace dns
