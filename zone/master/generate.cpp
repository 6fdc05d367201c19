#include "zone/master/generate.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace dns {
namespace {

constexpr std::uint32_t kMaxNumber = 0x7fff'ffff;

// Removes a decimal number from the front of `text` and returns it; nothing if there is none up to kMaxNumber.
std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number > kMaxNumber) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

void append_nibbles(std::string& out, std::uint64_t value, std::size_t width, const char* digits) {
  const std::size_t begin = out.size();  // the width includes the dots
  do {
    out += digits[value & 15];
    value >>= 4;
    if (value != 0 || out.size() - begin < width) out += '.';
  } while (value != 0 || out.size() - begin < width);
}

}  // namespace

Result<GenerateRange, std::size_t> parse_range(std::string_view text) {
  std::string_view rest = text;
  const auto error = [&] { return Failure(text.size() - rest.size()); };
  GenerateRange range;
  const auto start = take_number(rest);
  if (!start) return error();
  if (!take(rest, '-')) return error();
  const auto stop = take_number(rest);
  if (!stop) return error();
  if (take(rest, '/')) {
    const auto step = take_number(rest);
    if (!step || *step == 0) return Failure(text.find('/') + 1);
    range.step = *step;
  }
  if (!rest.empty()) return error();
  if (*stop < *start) return Failure(text.find('-') + 1);
  range.start = *start;
  range.stop = *stop;
  return range;
}

Result<GenerateTemplate, TemplateError> GenerateTemplate::parse(std::string_view text, const GenerateRange& range,
                                                                Quotes quotes) {
  GenerateTemplate result;
  Piece piece;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with('\\')) {  // an escape is copied: in the record, \$ is a dollar sign
      const bool is_quote = quotes == Quotes::kRemoved && rest.starts_with("\\\"");
      piece.before += rest.substr(is_quote ? 1 : 0, is_quote ? 1 : 2);
      at += 2;
    } else if (rest.starts_with("$$")) {
      piece.before += '$';
      at += 2;
    } else if (rest.starts_with('$')) {
      const std::size_t close = rest.starts_with("${") ? rest.find('}') : 0;
      if (close == std::string_view::npos) return Failure(TemplateError{at, 2, "'${' is never closed by '}'"});
      Result<Number, std::string> number = close == 0 ? Number{} : parse_number(rest.substr(2, close - 2));
      if (!number) return Failure(TemplateError{at, close + 1, std::move(number.error())});
      if (number->radix != Radix::kDecimal && range.start + number->offset < 0)
        return Failure(
            TemplateError{at, close + 1,
                          "negative at " + std::to_string(range.start) + ", but only decimal numbers can be negative"});
      piece.number = *number;
      result.pieces_.push_back(std::exchange(piece, {}));
      at += close + 1;
    } else {
      const std::size_t plain = std::min(rest.find_first_of("\\$"), rest.size());
      piece.before += rest.substr(0, plain);
      at += plain;
    }
  }
  result.pieces_.push_back(std::move(piece));
  return result;
}

Result<GenerateTemplate::Number, std::string> GenerateTemplate::parse_number(std::string_view inside) {
  Number number;
  const bool negative = take(inside, '-');
  if (!negative) take(inside, '+');
  const auto offset = take_number(inside);
  if (!offset) return Failure(std::string("expected an offset from -2147483647 to 2147483647"));
  number.offset = negative ? -std::int64_t{*offset} : std::int64_t{*offset};
  if (take(inside, ',')) {
    const auto width = take_number(inside);
    if (!width || *width > kMaxGenerateWidth)
      return Failure("expected a width from 0 to " + std::to_string(kMaxGenerateWidth));
    number.width = *width;
    if (take(inside, ',')) {
      if (inside.empty() || std::string_view("doxXnN").find(inside[0]) == std::string_view::npos)
        return Failure(std::string("expected a radix: d, o, x, X, n or N"));
      number.radix = static_cast<Radix>(inside[0]);
      inside.remove_prefix(1);
    }
  }
  if (!inside.empty()) return Failure(std::string("expected ${offset,width,radix}"));
  return number;
}

void GenerateTemplate::append(std::string& out, std::uint32_t number) const {
  for (const Piece& piece : pieces_) {
    out += piece.before;
    if (piece.number) append_number(out, *piece.number, number + piece.number->offset);
  }
}

void GenerateTemplate::append_number(std::string& out, const Number& number, std::int64_t value) {
  static constexpr char kLower[] = "0123456789abcdef", kUpper[] = "0123456789ABCDEF";
  if (number.radix == Radix::kNibbles || number.radix == Radix::kUpperNibbles)
    return append_nibbles(out, static_cast<std::uint64_t>(value), number.width,
                          number.radix == Radix::kNibbles ? kLower : kUpper);
  const unsigned base = number.radix == Radix::kDecimal ? 10 : number.radix == Radix::kOctal ? 8 : 16;
  const char* digits = number.radix == Radix::kUpperHex ? kUpper : kLower;
  char reversed[32];
  std::size_t size = 0;
  auto left = static_cast<std::uint64_t>(value < 0 ? -value : value);
  do {
    reversed[size++] = digits[left % base];
    left /= base;
  } while (left != 0);
  if (value < 0) out += '-';
  for (std::size_t width = size + (value < 0 ? 1 : 0); width < number.width; ++width) out += '0';
  while (size > 0) out += reversed[--size];
}

}  // namespace dns
