// Identifiers and addresses of other networks: HIP (RFC 8005), NSAP (RFC 1706), ATM, EUI-48 and EUI-64 (RFC 7043),
// locators (RFC 6742).
#include <algorithm>

#include "zone/base/ascii.h"
#include "zone/field/field.h"

namespace dns {
namespace {

// Reads hexadecimal digits from `begin`, with optional dots between them.
FieldResult put_dotted_hex(FieldScan& scan, std::size_t begin, std::string_view example) {
  const std::string_view text = scan.text();
  const std::size_t size = scan.size;
  int high = -1;
  for (std::size_t at = begin; at < text.size(); ++at) {
    if (text[at] == '.' && at > begin) continue;
    const int digit = hex_digit(text[at]);
    if (digit < 0)
      return Failure(scan.error_at("Z049", at, 1,
                                   "'" + std::string(1, text[at]) + "' is not a hexadecimal digit in " + scan.what(),
                                   std::string(example)));
    if (high < 0) {
      high = digit;
      continue;
    }
    if (const FieldResult ok = scan.need_room(1); !ok) return ok;
    scan.put8(static_cast<std::size_t>(high << 4 | digit));
    high = -1;
  }
  if (high >= 0)
    return Failure(scan.error_at("Z033", text.size() - 1, 1, scan.what() + " has an odd number of hexadecimal digits"));
  if (scan.size == size) return Failure(scan.error_at("Z049", scan.what() + " has no digits", std::string(example)));
  ++scan.next;
  return {};
}

// Reads pairs of hexadecimal digits with '-' between them, `octets` in total.
FieldResult put_hex_pairs(FieldScan& scan, std::size_t octets, std::string_view form) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(octets); !ok) return ok;
  const std::string_view text = scan.text();
  const std::size_t expected = octets * 3 - 1;
  int high = 0;
  for (std::size_t at = 0; at < text.size() && at < expected; ++at) {
    const int digit = hex_digit(text[at]);
    if (at % 3 == 2 ? text[at] != '-' : digit < 0)
      return Failure(scan.error_at("Z050", at, 1, "'" + std::string(1, text[at]) + "' is unexpected in " + scan.what(),
                                   std::string(form)));
    if (at % 3 == 0) high = digit;
    if (at % 3 == 1) scan.put8(static_cast<unsigned>(high << 4 | digit));
  }
  if (text.size() != expected)
    return Failure(scan.error_at(
        "Z050",
        scan.what() + " must have " + std::to_string(expected) + " characters, but has " + std::to_string(text.size()),
        std::string(form)));
  ++scan.next;
  return {};
}

// Appends octets in lower case with `separator` between groups of `group` octets.
void append_grouped(std::string& out, Bytes octets, std::size_t group, std::string_view separator) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i > 0 && i % group == 0) out += separator;
    out += kDigits[octets[i] >> 4];
    out += kDigits[octets[i] & 15];
  }
}

}  // namespace

// Algorithm, host identity tag in hexadecimal, key in base64, rendezvous servers. In wire form the lengths come first.
FieldResult read_hip(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(4); !ok) return ok;
  const auto algorithm = number_of(scan, 0, scan.text(), 255);
  if (!algorithm) return Failure(algorithm.error());
  ++scan.next;
  const std::size_t begin = scan.size;
  scan.put32(0);
  scan.out[begin + 1] = static_cast<std::uint8_t>(*algorithm);

  scan.field = "host identity tag";
  std::size_t token = scan.next;
  if (const FieldResult ok = read_hex_token(scan); !ok) return ok;
  const std::size_t identity = scan.size - begin - 4;
  if (identity == 0 || identity > 255) {
    scan.next = token;
    return Failure(
        scan.error_at("Z058", scan.what() + " must have 1 to 255 octets, but has " + std::to_string(identity)));
  }
  scan.out[begin] = static_cast<std::uint8_t>(identity);

  scan.field = "public key";
  token = scan.next;
  if (const FieldResult ok = read_base64_token(scan); !ok) return ok;
  const std::size_t key = scan.size - begin - 4 - identity;
  if (key == 0) {
    scan.next = token;
    return Failure(scan.error_at("Z058", scan.what() + " is empty"));
  }
  store16(scan.out + begin + 2, static_cast<std::uint16_t>(key));

  scan.field = "rendezvous server";
  while (!scan.done())
    if (const FieldResult ok = read_name_field(scan); !ok) return ok;
  return {};
}

FieldResult read_nsap(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  constexpr std::string_view kExample = "write it like 0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00";
  if (scan.text().size() < 2 || scan.text()[0] != '0' || (scan.text()[1] | 0x20) != 'x')
    return Failure(scan.error_at("Z049", scan.what() + " must begin with 0x", std::string(kExample)));
  return put_dotted_hex(scan, 2, kExample);
}

// "+" and the digits of an E.164 number, or the hexadecimal digits of an AESA.
FieldResult read_atma(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(1); !ok) return ok;
  const std::string_view text = scan.text();
  if (!text.starts_with('+')) {
    scan.put8(0);
    return put_dotted_hex(scan, 0, "write \"+\" and digits, or hexadecimal digits with dots between them");
  }
  scan.put8(1);
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '.' && at > 1) continue;
    if (!is_digit(text[at]))
      return Failure(scan.error_at("Z049", at, 1, scan.what() + " must have only digits after \"+\""));
    if (const FieldResult ok = scan.need_room(1); !ok) return ok;
    scan.put8(static_cast<std::uint8_t>(text[at]));
  }
  if (text.size() < 2) return Failure(scan.error_at("Z049", scan.what() + " has no digits after \"+\""));
  ++scan.next;
  return {};
}

FieldResult read_eui(FieldScan& scan, std::size_t octets) {
  return put_hex_pairs(scan, octets,
                       octets == 6 ? "write it like 00-00-5e-00-53-2a" : "write it like 00-00-5e-ef-10-00-00-2a");
}

// Four groups of one to four digits: as in an IPv6 address, zeros in front may be left out (RFC 6742 2.1.2, 2.3.2).
FieldResult read_locator64(FieldScan& scan) {
  constexpr std::size_t kGroups = 4, kMaxDigits = 4;
  constexpr std::string_view kForm = "write four groups of one to four digits, like 14:4fff:ff20:ee64";
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(2 * kGroups); !ok) return ok;
  const std::string_view text = scan.text();
  std::size_t at = 0;
  for (std::size_t group = 0; group < kGroups; ++group) {
    const bool parted = group == 0 || (at < text.size() && text[at++] == ':');
    const std::size_t begin = at;
    unsigned value = 0;
    for (; at < text.size() && hex_digit(text[at]) >= 0; ++at)
      value = value << 4 | static_cast<unsigned>(hex_digit(text[at]));
    const std::size_t digits = at - begin;
    if (!parted || digits == 0 || digits > kMaxDigits)
      return Failure(scan.error_at("Z051", std::min(begin, text.size() - 1), std::max<std::size_t>(digits, 1),
                                   scan.what() + " needs one to four digits in each of four groups",
                                   std::string(kForm)));
    scan.put16(value);
  }
  if (at < text.size())
    return Failure(scan.error_at("Z051", at, text.size() - at, "text behind the four groups of " + scan.what(),
                                 std::string(kForm)));
  ++scan.next;
  return {};
}

void append_hip(std::string& out, Bytes octets) {
  const std::size_t identity = octets[0], key = load16(&octets[2]);
  append_number(out, octets[1]);
  out += ' ';
  append_hex(out, octets.subspan(4, identity));
  out += ' ';
  append_base64(out, octets.subspan(4 + identity, key));
  for (std::size_t at = 4 + identity + key; at < octets.size(); at += NameView::trusted(&octets[at]).size()) {
    out += ' ';
    append_name(out, &octets[at]);
  }
}

void append_nsap(std::string& out, Bytes octets) {
  out += "0x";
  append_grouped(out, octets, octets.size(), "");
}

void append_atma(std::string& out, Bytes octets) {
  if (octets[0] == 0) append_grouped(out, octets.subspan(1), octets.size(), "");
  else (out += '+') += as_text(octets.subspan(1));
}

void append_eui(std::string& out, Bytes octets) { append_grouped(out, octets, 1, "-"); }

void append_locator64(std::string& out, Bytes octets) { append_grouped(out, octets, 2, ":"); }

}  // namespace dns
