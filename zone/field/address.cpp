// IPv4 and IPv6 addresses, and the prefixes of APL (RFC 3123 5).
#include "zone/field/address.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "zone/base/ascii.h"
#include "zone/field/field.h"

namespace dns {
namespace {

Failure<AddressError> wrong(std::size_t offset, std::size_t length, std::string message, std::string help = {}) {
  return Failure(AddressError{offset, length, std::move(message), std::move(help)});
}

// The number at `at`, up to the next dot or the end.
Result<std::uint8_t, AddressError> octet_of(std::string_view text, std::size_t at) {
  const std::size_t end = std::min(text.find('.', at), text.size());
  const std::string_view digits = text.substr(at, end - at);
  if (digits.empty()) return wrong(std::min(at, text.size() - 1), 1, "an octet of the IPv4 address is missing");
  unsigned value = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (!is_digit(digits[i]))
      return wrong(at + i, 1, "'" + std::string(1, digits[i]) + "' is not allowed in an IPv4 address");
    value = std::min(1000U, value * 10 + static_cast<unsigned>(digits[i] - '0'));
  }
  if (digits.size() > 1 && digits[0] == '0')
    return wrong(at, digits.size(), "an octet of an IPv4 address must not begin with 0",
                 "some programs read such a number as octal");
  if (value > 255) return wrong(at, digits.size(), std::string(digits) + " is larger than 255");
  return static_cast<std::uint8_t>(value);
}

// Reads a correct address. False for other text; the caller then finds the fault.
bool plain_ipv4(std::string_view text, std::uint8_t* out) {
  if (text.size() < 7 || text.size() > 15) return false;
  unsigned value = 0, digits = 0, octet = 0;
  for (const char c : text) {
    if (c == '.') {
      if (digits == 0 || octet == 3) return false;
      out[octet++] = static_cast<std::uint8_t>(value);
      value = digits = 0;
      continue;
    }
    const auto digit = static_cast<unsigned>(c - '0');
    if (digit > 9 || (digits > 0 && value == 0)) return false;
    value = value * 10 + digit;
    ++digits;
    if (value > 255) return false;
  }
  out[octet] = static_cast<std::uint8_t>(value);
  return octet == 3 && digits > 0;
}

struct Groups {
  std::array<std::uint8_t, 16> octets{};
  std::size_t size = 0;  // octets written
  std::size_t gap = 17;  // octets before the "::"; 17 without "::"
};

// Reads the group or trailing IPv4 address at `at`. Returns its end.
Result<std::size_t, AddressError> take_group(std::string_view text, std::size_t at, Groups& groups) {
  std::size_t end = at;
  while (end < text.size() && text[end] != ':') ++end;
  const std::string_view group = text.substr(at, end - at);
  if (group.find('.') != std::string_view::npos) {
    if (end != text.size())
      return wrong(at, group.size(), "an IPv4 address is only allowed at the end of an IPv6 address");
    if (groups.size > 12) return wrong(at, group.size(), "an IPv6 address has 16 octets, this one has more");
    Result<void, AddressError> tail = parse_ipv4(group, groups.octets.data() + groups.size);
    if (!tail) {
      tail.error().offset += at;
      return Failure(std::move(tail.error()));
    }
    groups.size += 4;
    return end;
  }
  unsigned value = 0;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const int digit = hex_digit(group[i]);
    if (digit < 0) return wrong(at + i, 1, "'" + std::string(1, group[i]) + "' is not a hexadecimal digit");
    value = (value << 4 | static_cast<unsigned>(digit)) & 0xfffff;
  }
  if (group.empty()) return wrong(std::min(at, text.size() - 1), 1, "a group of the IPv6 address is missing");
  if (group.size() > 4) return wrong(at, group.size(), "a group of an IPv6 address has at most 4 digits");
  if (groups.size > 14) return wrong(at, group.size(), "an IPv6 address has 8 groups, this one has more");
  store16(groups.octets.data() + groups.size, static_cast<std::uint16_t>(value));
  groups.size += 2;
  return end;
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

FieldResult finish(FieldScan& scan, std::string_view code, std::size_t octets, Result<void, AddressError> result) {
  if (!result) {
    AddressError& error = result.error();
    return Failure(scan.error_at(code, error.offset, error.length, std::move(error.message), std::move(error.help)));
  }
  scan.size += octets;
  ++scan.next;
  return {};
}

constexpr std::string_view kPrefixForm = "write family:address/length, like 1:192.0.2.0/24 or !2:2001:db8::/32";

// One item of APL, "[!]family:address/length".
FieldResult read_prefix(FieldScan& scan) {
  const std::string_view text = scan.text();
  const bool negated = text.starts_with('!');
  const std::size_t begin = negated ? 1 : 0, colon = text.find(':'), slash = text.rfind('/');
  if (colon == std::string_view::npos || slash == std::string_view::npos || slash < colon)
    return Failure(scan.error_at("Z042", "malformed prefix of APL", std::string(kPrefixForm)));
  const auto family = number_of(scan, begin, text.substr(begin, colon - begin), 65535);
  if (!family) return Failure(family.error());
  if (*family != 1 && *family != 2)
    return Failure(
        scan.error_at("Z042", begin, colon - begin,
                      "family " + std::to_string(*family) + " is not supported: use 1 for IPv4, 2 for IPv6"));
  std::array<std::uint8_t, 16> address{};
  const std::size_t octets = *family == 1 ? 4 : 16;
  const std::string_view words = text.substr(colon + 1, slash - colon - 1);
  const auto parsed = octets == 4 ? parse_ipv4(words, address.data()) : parse_ipv6(words, address.data());
  if (!parsed)
    return Failure(scan.error_at(octets == 4 ? "Z025" : "Z026", colon + 1 + parsed.error().offset,
                                 parsed.error().length, parsed.error().message, parsed.error().help));
  const auto length = number_of(scan, slash + 1, text.substr(slash + 1), octets * 8);
  if (!length) return Failure(length.error());
  std::size_t kept = octets;
  while (kept > 0 && address[kept - 1] == 0) --kept;
  if (const FieldResult ok = scan.need_room(4 + kept); !ok) return ok;
  scan.put16(*family);
  scan.put8(*length);
  scan.put8((negated ? 0x80U : 0U) | kept);
  return scan.put({address.data(), kept});
}

}  // namespace

Result<void, AddressError> parse_ipv4(std::string_view text, std::uint8_t* out) {
  if (plain_ipv4(text, out)) [[likely]]
    return {};
  if (text.empty()) return wrong(0, 1, "an IPv4 address is missing");
  std::size_t at = 0;
  for (int i = 0; i < 4; ++i) {
    if (at > text.size())
      return wrong(0, text.size(), "an IPv4 address has 4 octets, this one has " + std::to_string(i),
                   "write it like 192.0.2.1");
    const Result<std::uint8_t, AddressError> octet = octet_of(text, at);
    if (!octet) return Failure(octet.error());
    out[i] = *octet;
    at = std::min(text.find('.', at), text.size()) + 1;
  }
  if (at <= text.size()) return wrong(at - 1, text.size() - at + 1, "an IPv4 address has 4 octets, this one has more");
  return {};
}

Result<void, AddressError> parse_ipv6(std::string_view text, std::uint8_t* out) {
  if (text.empty()) return wrong(0, 1, "an IPv6 address is missing");
  Groups groups;
  std::size_t at = 0;
  if (text.starts_with("::")) {
    groups.gap = 0;
    at = 2;
  }
  while (at < text.size()) {
    const Result<std::size_t, AddressError> end = take_group(text, at, groups);
    if (!end) return Failure(end.error());
    at = *end;
    if (at == text.size()) break;
    ++at;  // the colon
    if (at < text.size() && text[at] == ':') {
      if (groups.gap <= 16) return wrong(at - 1, 2, "\"::\" may occur only once in an IPv6 address");
      groups.gap = groups.size;
      ++at;
    } else if (at == text.size()) {
      return wrong(at - 1, 1, "an IPv6 address must not end with a single colon");
    }
  }
  if (groups.gap > 16) {
    if (groups.size != 16)
      return wrong(0, text.size(), "an IPv6 address has 8 groups, this one has " + std::to_string(groups.size / 2),
                   "\"::\" replaces groups of zeros");
  } else {
    if (groups.size > 14)
      return wrong(0, text.size(), "\"::\" replaces at least one group, but all 8 groups are written");
    const auto tail = groups.octets.begin() + static_cast<std::ptrdiff_t>(groups.gap);
    std::rotate(tail, groups.octets.begin() + static_cast<std::ptrdiff_t>(groups.size), groups.octets.end());
  }
  std::memcpy(out, groups.octets.data(), 16);
  return {};
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

FieldResult read_ipv4(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(4); !ok) return ok;
  return finish(scan, "Z025", 4, parse_ipv4(scan.text(), scan.out + scan.size));
}

FieldResult read_ipv6(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(16); !ok) return ok;
  return finish(scan, "Z026", 16, parse_ipv6(scan.text(), scan.out + scan.size));
}

FieldResult read_prefixes(FieldScan& scan) {
  for (; !scan.done(); ++scan.next) {
    if (const FieldResult ok = scan.need_plain(); !ok) return ok;
    if (const FieldResult ok = read_prefix(scan); !ok) return ok;
  }
  return {};
}

Printed append_prefixes(std::string& out, Bytes octets) {
  for (std::size_t at = 0; at < octets.size();) {
    const std::uint16_t family = load16(&octets[at]);
    if (family != 1 && family != 2) return Printed::kGeneric;
    const std::size_t size = octets[at + 3] & 0x7f;
    std::array<std::uint8_t, 16> address{};
    std::copy_n(octets.data() + at + 4, size, address.begin());
    if (at > 0) out += ' ';
    if ((octets[at + 3] & 0x80) != 0) out += '!';
    append_number(out, family);
    out += ':';
    if (family == 1) append_ipv4(out, address.data());
    else append_ipv6(out, address.data());
    out += '/';
    append_number(out, octets[at + 2]);
    at += 4 + size;
  }
  return Printed::kText;
}

}  // namespace dns
