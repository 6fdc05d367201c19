// Character-strings (RFC 1035 5.1) and other texts, quoted or not. `\X` and `\DDD` are escapes.
#include <algorithm>

#include "zone/base/ascii.h"
#include "zone/field/field.h"
#include "zone/rr/location.h"

namespace dns {
namespace {

constexpr std::size_t kMaxString = 255;

// Writes the octets of the token.
FieldResult put_octets(FieldScan& scan) {
  const std::string_view text = scan.text();
  if (text.find('\\') == std::string_view::npos) return scan.put(as_bytes(text));
  for (std::size_t at = 0; at < text.size();) {
    const int octet = take_octet(text, at);
    if (octet < 0)
      return Failure(scan.error_at("Z031", at, std::min<std::size_t>(4, text.size() - at),
                                   "malformed escape in " + scan.what(),
                                   "write \\X, or \\DDD with DDD from 000 to 255; write \\\\ for a backslash"));
    if (const FieldResult ok = scan.need_room(1); !ok) return ok;
    scan.put8(static_cast<std::size_t>(octet));
  }
  return {};
}

// The character-string that was written at `begin`.
std::string_view string_at(const FieldScan& scan, std::size_t begin) {
  return as_text(scan.written().subspan(begin + 1));
}

}  // namespace

int take_octet(std::string_view text, std::size_t& at) {
  if (text[at] != '\\') return static_cast<std::uint8_t>(text[at++]);
  if (at + 1 >= text.size()) return -1;
  if (!is_digit(text[at + 1])) {
    at += 2;
    return static_cast<std::uint8_t>(text[at - 1]);
  }
  if (at + 3 >= text.size() || !is_digit(text[at + 2]) || !is_digit(text[at + 3])) return -1;
  const int value = (text[at + 1] - '0') * 100 + (text[at + 2] - '0') * 10 + (text[at + 3] - '0');
  if (value > 255) return -1;
  at += 4;
  return value;
}

FieldResult read_string(FieldScan& scan) {
  if (const FieldResult ok = scan.need_any(); !ok) return ok;
  const std::size_t begin = scan.size;
  if (const FieldResult ok = scan.need_room(1); !ok) return ok;
  ++scan.size;
  if (const FieldResult ok = put_octets(scan); !ok) return ok;
  const std::size_t length = scan.size - begin - 1;
  if (length > kMaxString)
    return Failure(scan.error_at(
        "Z030", "a string in " + scan.what() + " has " + std::to_string(length) + " octets, more than 255",
        "split it: \"first part\" \"second part\""));
  scan.out[begin] = static_cast<std::uint8_t>(length);
  ++scan.next;
  return {};
}

FieldResult read_strings(FieldScan& scan) {
  do {
    if (const FieldResult ok = read_string(scan); !ok) return ok;
  } while (!scan.done());
  return {};
}

FieldResult read_text(FieldScan& scan, std::size_t least) {
  if (const FieldResult ok = scan.need_any(); !ok) return ok;
  const std::size_t begin = scan.size;
  if (const FieldResult ok = put_octets(scan); !ok) return ok;
  if (scan.size - begin < least) return Failure(scan.error_at("Z020", scan.what() + " is empty"));
  ++scan.next;
  return {};
}

FieldResult read_tag(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  const std::string_view text = scan.text();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char lower = static_cast<char>(text[i] | 0x20);
    if (!is_digit(text[i]) && (lower < 'a' || lower > 'z'))
      return Failure(scan.error_at("Z047", i, 1, scan.what() + " must contain only letters and digits",
                                   "common tags are issue, issuewild and iodef"));
  }
  return read_string(scan);
}

FieldResult read_digits(FieldScan& scan) {
  const std::size_t begin = scan.size;
  const std::size_t token = scan.next;
  if (const FieldResult ok = read_string(scan); !ok) return ok;
  const std::string_view digits = string_at(scan, begin);
  const bool all = std::all_of(digits.begin(), digits.end(), is_digit);
  if (all && digits.size() >= 4) return {};
  scan.next = token;
  return Failure(scan.error_at("Z048", scan.what() + " must have at least 4 decimal digits"));
}

FieldResult read_decimal(FieldScan& scan) {
  const std::size_t begin = scan.size;
  const std::size_t token = scan.next;
  if (const FieldResult ok = read_string(scan); !ok) return ok;
  if (is_decimal(string_at(scan, begin))) return {};
  scan.next = token;
  return Failure(scan.error_at("Z048", scan.what() + " must be a decimal number", "write it like -32.6882"));
}

void append_quoted(std::string& out, Bytes octets) {
  out += '"';
  for (const std::uint8_t octet : octets) {
    if (octet < ' ' || octet >= 0x7f) {
      out += '\\';
      append_padded(out, octet, 3);
      continue;
    }
    if (octet == '"' || octet == '\\') out += '\\';
    out += static_cast<char>(octet);
  }
  out += '"';
}

void append_strings(std::string& out, Bytes octets) {
  for (std::size_t at = 0; at < octets.size(); at += 1U + octets[at]) {
    if (at > 0) out += ' ';
    append_quoted(out, octets.subspan(at + 1, octets[at]));
  }
}

// Appends a character-string that needs no quotes.
void append_tag(std::string& out, Bytes field) { out += as_text(field.subspan(1)); }

}  // namespace dns
