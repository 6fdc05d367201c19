// Octets as hexadecimal, base64 (RFC 4648 4) and base32hex (RFC 4648 7). At the end of an RDATA they may span tokens.
#include <algorithm>
#include <array>

#include "zone/base/ascii.h"
#include "zone/field/field.h"

namespace dns {
namespace {

constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> digits_of(std::string_view alphabet) {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}

constexpr std::array<std::uint8_t, 256> kBase64Digits =
    digits_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

constexpr std::array<std::uint8_t, 256> make_hex_digits() {
  std::array<std::uint8_t, 256> values = digits_of("0123456789abcdef");
  for (unsigned i = 0; i < 6; ++i) values['A' + i] = static_cast<std::uint8_t>(10 + i);
  return values;
}
constexpr std::array<std::uint8_t, 256> kHexDigits = make_hex_digits();

constexpr std::array<std::uint8_t, 256> make_base32_digits() {
  std::array<std::uint8_t, 256> values = digits_of("0123456789abcdefghijklmnopqrstuv");
  for (unsigned i = 0; i < 22; ++i) values['A' + i] = static_cast<std::uint8_t>(10 + i);
  return values;
}
constexpr std::array<std::uint8_t, 256> kBase32Digits = make_base32_digits();

std::uint8_t value_in(const std::array<std::uint8_t, 256>& digits, char c) {
  return digits[static_cast<std::uint8_t>(c)];
}

// Decodes hexadecimal digits that may continue over several tokens.
class HexSink {
 public:
  explicit HexSink(FieldScan& scan) : scan_(scan) {}

  FieldResult take_token() {
    if (const FieldResult ok = scan_.need_plain(); !ok) return ok;
    const std::string_view text = scan_.text();
    if (const FieldResult ok = scan_.need_room((text.size() + (half_ ? 1 : 0)) / 2); !ok) return ok;
    std::size_t at = 0;
    if (!half_) at = take_pairs(text);
    for (; at < text.size(); ++at) {
      const std::uint8_t digit = value_in(kHexDigits, text[at]);
      if (digit == kNoDigit)
        return Failure(scan_.error_at(
            "Z032", at, 1, "'" + std::string(1, text[at]) + "' is not a hexadecimal digit in " + scan_.what()));
      if (half_) scan_.put8(static_cast<std::size_t>(high_ << 4 | digit));
      else high_ = digit;
      half_ = !half_;
    }
    ++scan_.next;
    return {};
  }

  FieldResult finish() const {
    if (!half_) return {};
    FieldScan last = scan_;
    --last.next;
    return Failure(last.error_at("Z033", last.text().size() - 1, 1,
                                 scan_.what() + " has an odd number of hexadecimal digits",
                                 "each octet has two digits"));
  }

 private:
  // Reads pairs of digits up to the first other character. Returns the number of characters read.
  std::size_t take_pairs(std::string_view text) {
    std::size_t at = 0;
    std::uint8_t* out = scan_.out + scan_.size;
    for (; at + 2 <= text.size(); at += 2) {
      const unsigned high = value_in(kHexDigits, text[at]), low = value_in(kHexDigits, text[at + 1]);
      if ((high | low) > 15) break;
      *out++ = static_cast<std::uint8_t>(high << 4 | low);
    }
    scan_.size += at / 2;
    return at;
  }

  FieldScan& scan_;
  std::uint8_t high_ = 0;
  bool half_ = false;
};

class Base64Sink {
 public:
  explicit Base64Sink(FieldScan& scan) : scan_(scan) {}

  FieldResult take_token() {
    if (const FieldResult ok = scan_.need_plain(); !ok) return ok;
    const std::string_view text = scan_.text();
    if (const FieldResult ok = scan_.need_room((held_ + padding_ + text.size()) / 4 * 3); !ok) return ok;
    std::size_t at = 0;
    if (held_ == 0 && padding_ == 0) at = take_groups(text);
    for (; at < text.size(); ++at) {
      if (const FieldResult ok = take(text[at], at); !ok) return ok;
    }
    ++scan_.next;
    return {};
  }

  FieldResult finish() const {
    if (held_ == 0) return {};
    FieldScan last = scan_;
    --last.next;
    return Failure(last.error_at("Z034", last.text().empty() ? 0 : last.text().size() - 1, 1,
                                 "the base64 of " + scan_.what() + " ends inside a group of four characters",
                                 held_ + padding_ > 1 ? "add '=' to complete the group" : "the end may be missing"));
  }

 private:
  // Reads groups of four digits up to the first other character. Returns the number of characters read.
  std::size_t take_groups(std::string_view text) {
    std::size_t at = 0;
    std::uint8_t* out = scan_.out + scan_.size;
    for (; at + 4 <= text.size(); at += 4) {
      const std::uint32_t a = value_in(kBase64Digits, text[at]), b = value_in(kBase64Digits, text[at + 1]),
                          c = value_in(kBase64Digits, text[at + 2]), d = value_in(kBase64Digits, text[at + 3]);
      if ((a | b | c | d) > 63) break;
      const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
      *out++ = static_cast<std::uint8_t>(group >> 16);
      *out++ = static_cast<std::uint8_t>(group >> 8);
      *out++ = static_cast<std::uint8_t>(group);
    }
    scan_.size += at / 4 * 3;
    return at;
  }

  FieldResult take(char c, std::size_t at) {
    const auto wrong = [&](std::string message) { return Failure(scan_.error_at("Z034", at, 1, std::move(message))); };
    if (ended_) return wrong("text after the end of the base64 of " + scan_.what());
    if (c == '=') {
      if (held_ < 2) return wrong("'=' is only allowed at the end of the base64 of " + scan_.what());
      ++padding_;
      if (held_ + padding_ == 4) return close(at);
      return {};
    }
    const std::uint8_t digit = value_in(kBase64Digits, c);
    if (digit == kNoDigit) return wrong("'" + std::string(1, c) + "' is not a base64 character in " + scan_.what());
    if (padding_ > 0) return wrong("text after '=' in the base64 of " + scan_.what());
    group_ = group_ << 6 | digit;
    if (++held_ == 4) {
      for (const int shift : {16, 8, 0}) scan_.put8(group_ >> shift & 0xff);
      held_ = 0;
      group_ = 0;
    }
    return {};
  }

  // Ends a padded group: its unused bits must be zero (RFC 4648 3.5).
  FieldResult close(std::size_t at) {
    const unsigned unused = held_ == 2 ? 4 : 2;
    if ((group_ & ((1U << unused) - 1)) != 0)
      return Failure(
          scan_.error_at("Z034", at, 1, "the unused last bits in the base64 of " + scan_.what() + " are not zero"));
    group_ >>= unused;
    if (held_ == 3) scan_.put8(group_ >> 8 & 0xff);
    scan_.put8(group_ & 0xff);
    held_ = padding_ = 0;
    ended_ = true;
    return {};
  }

  FieldScan& scan_;
  std::uint32_t group_ = 0;
  unsigned held_ = 0, padding_ = 0;
  bool ended_ = false;
};

// Reads all remaining tokens.
template <class Sink>
FieldResult read_all(FieldScan& scan) {
  Sink sink(scan);
  do {
    if (const FieldResult ok = sink.take_token(); !ok) return ok;
  } while (!scan.done());
  return sink.finish();
}

template <class Sink>
FieldResult read_one(FieldScan& scan) {
  Sink sink(scan);
  if (const FieldResult ok = sink.take_token(); !ok) return ok;
  return sink.finish();
}

// Stores the length of the octets written behind `begin`. Error `code` if it is less than `least` or more than 255.
FieldResult put_length(FieldScan& scan, std::size_t begin, std::size_t token, std::size_t least,
                       std::string_view code) {
  const std::size_t length = scan.size - begin - 1;
  if (length >= least && length <= 255) {
    scan.out[begin] = static_cast<std::uint8_t>(length);
    return {};
  }
  scan.next = token;
  return Failure(scan.error_at(
      code, scan.what() + " must have " + std::to_string(least) + " to 255 octets, but has " + std::to_string(length)));
}

FieldResult put_base32(FieldScan& scan) {
  const std::string_view text = scan.text();
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::uint8_t digit = value_in(kBase32Digits, text[at]);
    if (digit == kNoDigit)
      return Failure(scan.error_at("Z035", at, 1,
                                   "'" + std::string(1, text[at]) + "' is not a base32hex digit in " + scan.what(),
                                   text[at] == '=' ? "remove the padding" : "use the digits 0-9 and A-V"));
    held = (held << 5 | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    if (const FieldResult ok = scan.need_room(1); !ok) return ok;
    scan.put8(held >> bits & 0xff);
  }
  if (bits >= 5 || (held & ((1U << bits) - 1)) != 0)
    return Failure(
        scan.error_at("Z035", text.size() - 1, 1, "the base32hex of " + scan.what() + " ends inside an octet"));
  return {};
}

}  // namespace

FieldResult read_hex(FieldScan& scan) {
  const std::size_t begin = scan.size;
  const FieldResult ok = read_all<HexSink>(scan);
  if (ok && scan.size == begin) return Failure(scan.missing());
  return ok;
}

FieldResult read_hex_token(FieldScan& scan) { return read_one<HexSink>(scan); }

FieldResult read_base64(FieldScan& scan, std::size_t least) {
  if (scan.done() && least == 0) return {};
  const std::size_t begin = scan.size;
  const FieldResult ok = read_all<Base64Sink>(scan);
  if (ok && scan.size - begin < least) return Failure(scan.missing());
  return ok;
}

FieldResult read_base64_or_dash(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (scan.text() != "-") return read_base64(scan, 1);
  ++scan.next;
  return {};
}

FieldResult read_base64_token(FieldScan& scan) { return read_one<Base64Sink>(scan); }

FieldResult read_salt(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(1); !ok) return ok;
  const std::size_t begin = scan.size++, token = scan.next;
  if (scan.text() == "-") {
    scan.out[begin] = 0;
    ++scan.next;
    return {};
  }
  if (const FieldResult ok = read_hex_token(scan); !ok) return ok;
  return put_length(scan, begin, token, 1, "Z032");
}

FieldResult read_hash(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(1); !ok) return ok;
  const std::size_t begin = scan.size++, token = scan.next;
  if (const FieldResult ok = put_base32(scan); !ok) return ok;
  ++scan.next;
  return put_length(scan, begin, token, 1, "Z035");
}

void append_hex(std::string& out, Bytes octets) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const std::uint8_t octet : octets) {
    out += kDigits[octet >> 4];
    out += kDigits[octet & 15];
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

void append_base64_or_dash(std::string& out, Bytes field) {
  if (field.empty()) out += '-';
  else append_base64(out, field);
}

void append_salt(std::string& out, Bytes field) {
  if (field.size() == 1) out += '-';
  else append_hex(out, field.subspan(1));
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

void append_hash(std::string& out, Bytes field) { append_base32hex(out, field.subspan(1)); }

}  // namespace dns
