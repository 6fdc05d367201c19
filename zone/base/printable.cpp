#include "zone/base/printable.h"

#include <algorithm>
#include <cstdint>

#include "zone/base/bytes.h"

namespace dns {
namespace {

struct Range {
  char32_t first, last;
};

// Controls, and characters that are invisible or change the direction of the text.
constexpr Range kUnprintable[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},      {0x61c, 0x61c},
                                  {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},  {0x2060, 0x206f},
                                  {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}};
// Combining marks, which take no column (the common blocks).
constexpr Range kCombining[] = {{0x300, 0x36f},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff},
                                {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
// East Asian characters and pictures, which take two columns (UAX #11).
constexpr Range kWide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
                           {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
                           {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

template <std::size_t kCount>
bool is_in(const Range (&ranges)[kCount], char32_t c) {
  return std::ranges::any_of(ranges, [c](const Range& range) { return c >= range.first && c <= range.last; });
}

void append_octet(std::string& out, std::uint8_t octet) {
  out += '\\';
  out += static_cast<char>('0' + octet / 100);
  out += static_cast<char>('0' + octet / 10 % 10);
  out += static_cast<char>('0' + octet % 10);
}

// Of a valid sequence.
char32_t decoded(Bytes octets) {
  char32_t code_point = octets.size() == 1 ? octets[0] : octets[0] & (0xffU >> (octets.size() + 1));
  for (const std::uint8_t octet : octets.subspan(1)) code_point = code_point << 6 | (octet & 0x3fU);
  return code_point;
}

}  // namespace

// RFC 3629 4: no longer forms than needed, no surrogates, nothing beyond U+10FFFF.
Utf8Character utf8_character(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text[0]);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
  if (length == 0 || text.size() < length) return {};
  for (std::size_t i = 1; i < length; ++i)
    if ((static_cast<std::uint8_t>(text[i]) & 0xc0) != 0x80) return {};
  const char32_t code_point = decoded(as_bytes(text.substr(0, length)));
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xd800 && code_point < 0xe000;
  if (code_point < kLeast[length] || surrogate || code_point > 0x10ffff) return {};
  return {code_point, length};
}

std::size_t append_character(std::string& out, std::string_view& text, Charset charset) {
  constexpr std::size_t kEscaped = 4;  // columns of \DDD
  const Utf8Character character = utf8_character(text);
  const std::string_view octets = text.substr(0, std::max<std::size_t>(1, character.octets));
  text.remove_prefix(octets.size());
  const bool shown = character.octets == 1 || (character.octets > 1 && charset == Charset::kUtf8);
  if (!shown || is_in(kUnprintable, character.code_point)) {
    for (const std::uint8_t octet : as_bytes(octets)) append_octet(out, octet);
    return kEscaped * octets.size();
  }
  out += octets;
  if (character.octets == 1) return 1;
  return is_in(kCombining, character.code_point) ? 0 : is_in(kWide, character.code_point) ? 2 : 1;
}

std::string printable(std::string_view text, Charset charset) {
  std::string out;
  while (!text.empty()) append_character(out, text, charset);
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  while (!text.empty()) {
    const char c = text[0];
    const std::size_t octets = utf8_character(text).octets;
    if (octets == 0) out += "\\ufffd";
    else if (c == '"' || c == '\\') (out += '\\') += c;
    else if (static_cast<std::uint8_t>(c) < ' ' || c == 0x7f) ((out += "\\u00") += kHex[c >> 4 & 15]) += kHex[c & 15];
    else out += text.substr(0, octets);
    text.remove_prefix(std::max<std::size_t>(octets, 1));
  }
  out += '"';
}

}  // namespace dns
