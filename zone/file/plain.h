// The fast path: records that stand on one line without quotes, parentheses, comments and escapes, nearly all of a large zone.
//
// It decides nothing that the careful parser would decide otherwise: a line that it is not sure of, for whatever reason, it
// leaves as it is. No allocation and no words. Costs about a nanosecond an octet.
#pragma once

#include <array>
#include <memory>

#include "zone/file/entry.h"
#include "zone/file/lines.h"
#include "zone/file/parser.h"

namespace dns {

class PlainLines {
 public:
  PlainLines(std::string_view text, std::uint32_t source, Scope& scope, Inherited& inherited, RdataBuffer& rdata, RecordSink& sink);

  // Takes lines from `at`, the start of one, as long as they are plain. Returns where the first begins that is not, or the
  // text's size.
  std::uint64_t take(std::uint64_t at);

  // To be called where something else has altered the scope.
  void forget_owner() { owner_text_ = {}; }

 private:
  static constexpr std::size_t kMaxFields = 40;  // tokens of a plain line
  struct Line;

  bool refill(std::uint64_t at);
  bool cut_line(Line& line);
  bool take_line(const Line& line);
  bool set_owner(std::string_view text);
  std::optional<Type> type_of(std::string_view text);
  std::optional<std::size_t> rdata_of(Type type, std::span<const Token> fields);

  std::string_view text_;
  std::uint32_t source_;
  Scope& scope_;
  Inherited& inherited_;
  RdataBuffer& rdata_;
  RecordSink& sink_;

  std::unique_ptr<Cuts> cuts_;
  std::uint64_t window_begin_ = 0, window_end_ = 0;  // whole lines
  std::size_t cut_ = 0, odd_ = 0;                     // the next of each
  std::string_view owner_text_;                       // as the scope's owner was last written

  struct TypeSlot {
    std::uint64_t word = 0;
    Type type{};
  };
  std::array<TypeSlot, 64> types_{};  // mnemonics met lately, by their octets
};

}  // namespace dns
