// IPv4 (four decimal octets) and IPv6 (all forms of RFC 4291 2.2) addresses, and APL's prefixes (RFC 3123 5).
#include <algorithm>
#include <array>

#include "zone/base/ascii.h"
#include "zone/file/field.h"

namespace dns {
namespace {

Failure<AddressFault> wrong(std::size_t offset, std::size_t length, std::string message, std::string help = {}) {
  return Failure(AddressFault{offset, length, std::move(message), std::move(help)});
}

// The digits at `at`, which are followed by a dot or the end.
Result<std::uint8_t, AddressFault> octet_of(std::string_view text, std::size_t at) {
  const std::size_t end = std::min(text.find('.', at), text.size());
  const std::string_view digits = text.substr(at, end - at);
  if (digits.empty()) return wrong(std::min(at, text.size() - 1), 1, "an octet of the IPv4 address is missing");
  unsigned value = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (!is_digit(digits[i])) return wrong(at + i, 1, "'" + std::string(1, digits[i]) + "' does not belong in an IPv4 address");
    value = std::min(1000U, value * 10 + static_cast<unsigned>(digits[i] - '0'));
  }
  if (digits.size() > 1 && digits[0] == '0')
    return wrong(at, digits.size(), "an octet of an IPv4 address does not begin with 0", "some programs would read it as octal");
  if (value > 255) return wrong(at, digits.size(), std::string(digits) + " is larger than 255");
  return static_cast<std::uint8_t>(value);
}

// The common form without faults; false for all else.
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
  std::size_t size = 0;              // octets written
  std::size_t gap = 17;              // where "::" stands, in octets; 17 without
};

// The group or trailing IPv4 address at `at`; returns where it ends.
Result<std::size_t, AddressFault> take_group(std::string_view text, std::size_t at, Groups& groups) {
  std::size_t end = at;
  while (end < text.size() && text[end] != ':') ++end;
  const std::string_view group = text.substr(at, end - at);
  if (group.find('.') != std::string_view::npos) {
    if (end != text.size()) return wrong(at, group.size(), "an IPv4 address stands only at the end of an IPv6 address");
    if (groups.size > 12) return wrong(at, group.size(), "an IPv6 address has 16 octets, this one has more");
    Result<void, AddressFault> tail = ipv4_of(group, groups.octets.data() + groups.size);
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

Parsed finish(FieldScan& scan, std::string_view code, std::size_t octets, Result<void, AddressFault> result) {
  if (!result) {
    AddressFault& fault = result.error();
    return Failure(scan.fault(code, fault.offset, fault.length, std::move(fault.message), std::move(fault.help)));
  }
  scan.size += octets;
  ++scan.next;
  return {};
}

constexpr std::string_view kPrefixForm = "write family:address/length, such as 1:192.0.2.0/24 or !2:2001:db8::/32";

// One item of APL, "[!]family:address/length".
Parsed read_prefix(FieldScan& scan) {
  const std::string_view text = scan.text();
  const bool negated = text.starts_with('!');
  const std::size_t begin = negated ? 1 : 0, colon = text.find(':'), slash = text.rfind('/');
  if (colon == std::string_view::npos || slash == std::string_view::npos || slash < colon)
    return Failure(scan.fault("Z042", "malformed prefix of APL", std::string(kPrefixForm)));
  const auto family = number_of(scan, begin, text.substr(begin, colon - begin), 65535);
  if (!family) return Failure(family.error());
  if (*family != 1 && *family != 2)
    return Failure(scan.fault("Z042", begin, colon - begin, "family " + std::to_string(*family) + " has no text form: 1 is IPv4, 2 is IPv6"));
  std::array<std::uint8_t, 16> address{};
  const std::size_t octets = *family == 1 ? 4 : 16;
  const std::string_view words = text.substr(colon + 1, slash - colon - 1);
  const auto parsed = octets == 4 ? ipv4_of(words, address.data()) : ipv6_of(words, address.data());
  if (!parsed)
    return Failure(scan.fault(octets == 4 ? "Z025" : "Z026", colon + 1 + parsed.error().offset, parsed.error().length, parsed.error().message, parsed.error().help));
  const auto length = number_of(scan, slash + 1, text.substr(slash + 1), octets * 8);
  if (!length) return Failure(length.error());
  std::size_t kept = octets;
  while (kept > 0 && address[kept - 1] == 0) --kept;
  if (const Parsed ok = scan.need_room(4 + kept); !ok) return ok;
  scan.put16(*family);
  scan.put8(*length);
  scan.put8((negated ? 0x80U : 0U) | kept);
  return scan.put({address.data(), kept});
}

}  // namespace

Result<void, AddressFault> ipv4_of(std::string_view text, std::uint8_t* out) {
  if (plain_ipv4(text, out)) [[likely]] return {};
  if (text.empty()) return wrong(0, 1, "an IPv4 address is missing");
  std::size_t at = 0;
  for (int i = 0; i < 4; ++i) {
    if (at > text.size()) return wrong(0, text.size(), "an IPv4 address has 4 octets, this one has " + std::to_string(i), "such as 192.0.2.1");
    const Result<std::uint8_t, AddressFault> octet = octet_of(text, at);
    if (!octet) return Failure(octet.error());
    out[i] = *octet;
    at = std::min(text.find('.', at), text.size()) + 1;
  }
  if (at <= text.size()) return wrong(at - 1, text.size() - at + 1, "an IPv4 address has 4 octets, this one has more");
  return {};
}

Result<void, AddressFault> ipv6_of(std::string_view text, std::uint8_t* out) {
  if (text.empty()) return wrong(0, 1, "an IPv6 address is missing");
  Groups groups;
  std::size_t at = 0;
  if (text.starts_with("::")) {
    groups.gap = 0;
    at = 2;
  }
  while (at < text.size()) {
    const Result<std::size_t, AddressFault> end = take_group(text, at, groups);
    if (!end) return Failure(end.error());
    at = *end;
    if (at == text.size()) break;
    ++at;  // the colon
    if (at < text.size() && text[at] == ':') {
      if (groups.gap <= 16) return wrong(at - 1, 2, "\"::\" stands only once in an IPv6 address");
      groups.gap = groups.size;
      ++at;
    } else if (at == text.size()) {
      return wrong(at - 1, 1, "an IPv6 address does not end in a single colon");
    }
  }
  if (groups.gap > 16) {
    if (groups.size != 16)
      return wrong(0, text.size(), "an IPv6 address has 8 groups, this one has " + std::to_string(groups.size / 2), "\"::\" stands for groups of zeros");
  } else {
    if (groups.size > 14) return wrong(0, text.size(), "\"::\" stands for at least one group of zeros, but 8 groups are written");
    const auto tail = groups.octets.begin() + static_cast<std::ptrdiff_t>(groups.gap);
    std::rotate(tail, groups.octets.begin() + static_cast<std::ptrdiff_t>(groups.size), groups.octets.end());
  }
  std::memcpy(out, groups.octets.data(), 16);
  return {};
}

Parsed read_ipv4(FieldScan& scan) {
  if (const Parsed ok = scan.need_plain(); !ok) return ok;
  if (const Parsed ok = scan.need_room(4); !ok) return ok;
  return finish(scan, "Z025", 4, ipv4_of(scan.text(), scan.out + scan.size));
}

Parsed read_ipv6(FieldScan& scan) {
  if (const Parsed ok = scan.need_plain(); !ok) return ok;
  if (const Parsed ok = scan.need_room(16); !ok) return ok;
  return finish(scan, "Z026", 16, ipv6_of(scan.text(), scan.out + scan.size));
}

Parsed read_prefixes(FieldScan& scan) {
  for (; !scan.done(); ++scan.next) {
    if (const Parsed ok = scan.need_plain(); !ok) return ok;
    if (const Parsed ok = read_prefix(scan); !ok) return ok;
  }
  return {};
}

}  // namespace dns
