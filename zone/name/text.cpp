#include "zone/name/text.h"

#include "zone/base/ascii.h"

namespace dns {
namespace {

struct Octet {
  std::uint8_t value;
  std::size_t width;  // characters of its text; 0: malformed escape
};

// The octet at text[at]: a plain character, \X or \DDD.
Octet read_octet(std::string_view text, std::size_t at) {
  if (text[at] != '\\') return {static_cast<std::uint8_t>(text[at]), 1};
  if (at + 1 >= text.size()) return {0, 0};
  if (!is_digit(text[at + 1])) return {static_cast<std::uint8_t>(text[at + 1]), 2};
  if (at + 3 >= text.size() || !is_digit(text[at + 2]) || !is_digit(text[at + 3])) return {0, 0};
  const int value = (text[at + 1] - '0') * 100 + (text[at + 2] - '0') * 10 + (text[at + 3] - '0');
  return value > 255 ? Octet{0, 0} : Octet{static_cast<std::uint8_t>(value), 4};
}

// Printable characters with a special meaning in zone files.
bool needs_escape(std::uint8_t octet) {
  switch (octet) {
    case '.':
    case '\\':
    case '"':
    case ';':
    case '(':
    case ')':
    case '@':
    case '$': return true;
    default: return false;
  }
}

}  // namespace

Result<Name, NameTextError> parse_name(std::string_view text, NameView origin) {
  const auto failure = [](NameTextErrorKind error, std::size_t at) { return Failure(NameTextError{error, at}); };
  if (text.empty()) return failure(NameTextErrorKind::kEmpty, 0);
  if (text == "@") return Name(origin);
  if (text == ".") return Name();

  std::array<std::uint8_t, kMaxName> wire;
  std::size_t size = 1, label = 0;  // `label`: position of the current label's length
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '.') {
      if (size == label + 1) return failure(NameTextErrorKind::kEmptyLabel, at);
      wire[label] = static_cast<std::uint8_t>(size - label - 1);
      label = size++;
      ++at;
      if (label >= kMaxName) return failure(NameTextErrorKind::kNameTooLong, at - 1);
      continue;
    }
    const Octet octet = read_octet(text, at);
    if (octet.width == 0) return failure(NameTextErrorKind::kBadEscape, at);
    if (size - label > kMaxLabel) return failure(NameTextErrorKind::kLabelTooLong, at);
    if (size >= kMaxName) return failure(NameTextErrorKind::kNameTooLong, at);
    wire[size++] = octet.value;
    at += octet.width;
  }
  const bool absolute = size == label + 1;
  if (absolute) {
    wire[label] = 0;
    return Name(NameView::trusted(wire.data(), size));
  }
  wire[label] = static_cast<std::uint8_t>(size - label - 1);
  const std::optional<Name> whole = join({wire.data(), size}, origin);
  if (!whole) return failure(NameTextErrorKind::kNameTooLong, 0);
  return *whole;
}

void append_label(std::string& out, Bytes label) {
  for (const std::uint8_t octet : label) {
    if (octet <= ' ' || octet >= 0x7f) {
      out += '\\';
      out += static_cast<char>('0' + octet / 100);
      out += static_cast<char>('0' + octet / 10 % 10);
      out += static_cast<char>('0' + octet % 10);
      continue;
    }
    if (needs_escape(octet)) out += '\\';
    out += static_cast<char>(octet);
  }
}

std::string to_text(NameView name) {
  if (name.is_root()) return ".";
  std::string out;
  out.reserve(name.size());
  for (; !name.is_root(); name = name.parent()) {
    append_label(out, name.first_label());
    out += '.';
  }
  return out;
}

std::string_view describe(NameTextErrorKind error) {
  switch (error) {
    case NameTextErrorKind::kEmpty: return "empty name";
    case NameTextErrorKind::kEmptyLabel: return "empty label";
    case NameTextErrorKind::kLabelTooLong: return "label longer than 63 octets";
    case NameTextErrorKind::kNameTooLong: return "name longer than 255 octets";
    case NameTextErrorKind::kBadEscape: return "malformed escape (write \\X, or \\DDD with DDD from 000 to 255)";
  }
  return {};
}

}  // namespace dns
