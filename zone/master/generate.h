// $GENERATE: a range of numbers, and templates in which $ stands for the number (BIND's syntax).
//
//     $GENERATE 0-255/5 host${1,3,d} A 192.0.2.$          host001 A 192.0.2.0, host006 A 192.0.2.5, ...
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "zone/base/result.h"

namespace dns {

inline constexpr unsigned kMaxGenerateWidth = 255;
// Octets of one generated entry. Enough for RDATA with all octets escaped.
inline constexpr std::size_t kMaxGenerateText = 300'000;

struct GenerateRange {
  std::uint32_t start = 0, stop = 0, step = 1;

  std::uint64_t count() const { return (std::uint64_t{stop} - start) / step + 1; }
};

// "start-stop" or "start-stop/step". The error is the offset of the fault.
Result<GenerateRange, std::size_t> parse_range(std::string_view text);

struct TemplateError {
  std::size_t offset, length;
  std::string message;
};

class GenerateTemplate {
 public:
  // kRemoved: `text` is the inside of a quoted string that is RDATA itself, and \" in it is a quote.
  enum class Quotes : std::uint8_t { kKept, kRemoved };
  static Result<GenerateTemplate, TemplateError> parse(std::string_view text, const GenerateRange& range,
                                                       Quotes quotes = Quotes::kKept);
  void append(std::string& out, std::uint32_t number) const;

 private:
  enum class Radix : char {
    kDecimal = 'd',
    kOctal = 'o',
    kHex = 'x',
    kUpperHex = 'X',
    kNibbles = 'n',
    kUpperNibbles = 'N'
  };
  struct Number {
    std::int64_t offset = 0;
    unsigned width = 0;
    Radix radix = Radix::kDecimal;
  };
  struct Piece {
    std::string before;            // text before the number
    std::optional<Number> number;  // nothing in the last piece
  };
  static Result<Number, std::string> parse_number(std::string_view inside);
  static void append_number(std::string& out, const Number& number, std::int64_t value);

  std::vector<Piece> pieces_;
};

}  // namespace dns
