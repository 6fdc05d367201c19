#include "zone/field/encoding.h"

#include <array>
#include <charconv>

#include "zone/field/calendar.h"

namespace dns {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

void append_padded(std::string& out, unsigned value, std::size_t width) {
  std::array<char, 10> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  const auto size = static_cast<std::size_t>(end - digits.data());
  if (size < width) out.append(width - size, '0');
  out.append(digits.data(), size);
}

// The longest run of zero groups of at least two, the first of equals (RFC 5952 4.2).
struct ZeroRun {
  std::size_t begin = 8, size = 0;
};
ZeroRun longest_zero_run(const std::uint8_t* octets) {
  ZeroRun best;
  for (std::size_t at = 0; at < 8;) {
    std::size_t end = at;
    while (end < 8 && load16(octets + 2 * end) == 0) ++end;
    if (end - at > best.size && end - at > 1) best = {at, end - at};
    at = end + 1;
  }
  return best;
}

}  // namespace

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

void append_hex(std::string& out, Bytes octets) {
  for (const std::uint8_t octet : octets) {
    out += kHexDigits[octet >> 4];
    out += kHexDigits[octet & 15];
  }
}

void append_base64(std::string& out, Bytes octets) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::size_t at = 0;
  for (; at + 3 <= octets.size(); at += 3) {
    const std::uint32_t group = std::uint32_t{octets[at]} << 16 | std::uint32_t{octets[at + 1]} << 8 | octets[at + 2];
    for (const int shift : {18, 12, 6, 0}) out += kDigits[group >> shift & 63];
  }
  const std::size_t left = octets.size() - at;
  if (left == 0) return;
  const std::uint32_t group = std::uint32_t{octets[at]} << 16 | (left == 2 ? std::uint32_t{octets[at + 1]} << 8 : 0);
  out += kDigits[group >> 18];
  out += kDigits[group >> 12 & 63];
  out += left == 2 ? kDigits[group >> 6 & 63] : '=';
  out += '=';
}

void append_base32hex(std::string& out, Bytes octets) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const std::uint8_t octet : octets) {
    held = held << 8 | octet;
    for (bits += 8; bits >= 5; bits -= 5) out += kDigits[held >> (bits - 5) & 31];
  }
  if (bits > 0) out += kDigits[held << (5 - bits) & 31];
}

void append_ipv4(std::string& out, const std::uint8_t* octets) {
  for (int i = 0; i < 4; ++i) {
    if (i > 0) out += '.';
    append_number(out, octets[i]);
  }
}

void append_ipv6(std::string& out, const std::uint8_t* octets) {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (equal({octets, 12}, kMapped)) {
    out += "::ffff:";
    append_ipv4(out, octets + 12);
    return;
  }
  const ZeroRun zeros = longest_zero_run(octets);
  for (std::size_t group = 0; group < 8; ++group) {
    if (group == zeros.begin) {
      out += "::";
      group += zeros.size - 1;
      continue;
    }
    if (group > 0 && group != zeros.begin + zeros.size) out += ':';
    std::array<char, 4> digits;
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + 4, load16(octets + 2 * group), 16).ptr);
  }
}

void append_time(std::string& out, std::uint32_t seconds) {
  const DateTime date_time = date_time_of(seconds);
  append_padded(out, date_time.year, 4);
  for (const unsigned part : {date_time.month, date_time.day, date_time.hour, date_time.minute, date_time.second})
    append_padded(out, part, 2);
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

}  // namespace dns
