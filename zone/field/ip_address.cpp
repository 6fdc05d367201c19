#include "zone/field/ip_address.h"

#include <algorithm>
#include <array>

#include "zone/base/ascii.h"

namespace dns {
namespace {

Failure<AddressError> wrong(std::size_t offset, std::size_t length, std::string message, std::string help = {}) {
  return Failure(AddressError{offset, length, std::move(message), std::move(help)});
}

// The digits at `at`, which are followed by a dot or the end.
Result<std::uint8_t, AddressError> octet_of(std::string_view text, std::size_t at) {
  const std::size_t end = std::min(text.find('.', at), text.size());
  const std::string_view digits = text.substr(at, end - at);
  if (digits.empty()) return wrong(std::min(at, text.size() - 1), 1, "an octet of the IPv4 address is missing");
  unsigned value = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (!is_digit(digits[i]))
      return wrong(at + i, 1, "'" + std::string(1, digits[i]) + "' does not belong in an IPv4 address");
    value = std::min(1000U, value * 10 + static_cast<unsigned>(digits[i] - '0'));
  }
  if (digits.size() > 1 && digits[0] == '0')
    return wrong(at, digits.size(), "an octet of an IPv4 address does not begin with 0",
                 "some programs would read it as octal");
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
  std::size_t size = 0;  // octets written
  std::size_t gap = 17;  // where "::" stands, in octets; 17 without
};

// The group or trailing IPv4 address at `at`; returns where it ends.
Result<std::size_t, AddressError> take_group(std::string_view text, std::size_t at, Groups& groups) {
  std::size_t end = at;
  while (end < text.size() && text[end] != ':') ++end;
  const std::string_view group = text.substr(at, end - at);
  if (group.find('.') != std::string_view::npos) {
    if (end != text.size()) return wrong(at, group.size(), "an IPv4 address stands only at the end of an IPv6 address");
    if (groups.size > 12) return wrong(at, group.size(), "an IPv6 address has 16 octets, this one has more");
    Result<void, AddressError> tail = ipv4_of(group, groups.octets.data() + groups.size);
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

}  // namespace

Result<void, AddressError> ipv4_of(std::string_view text, std::uint8_t* out) {
  if (plain_ipv4(text, out)) [[likely]]
    return {};
  if (text.empty()) return wrong(0, 1, "an IPv4 address is missing");
  std::size_t at = 0;
  for (int i = 0; i < 4; ++i) {
    if (at > text.size())
      return wrong(0, text.size(), "an IPv4 address has 4 octets, this one has " + std::to_string(i),
                   "such as 192.0.2.1");
    const Result<std::uint8_t, AddressError> octet = octet_of(text, at);
    if (!octet) return Failure(octet.error());
    out[i] = *octet;
    at = std::min(text.find('.', at), text.size()) + 1;
  }
  if (at <= text.size()) return wrong(at - 1, text.size() - at + 1, "an IPv4 address has 4 octets, this one has more");
  return {};
}

Result<void, AddressError> ipv6_of(std::string_view text, std::uint8_t* out) {
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
      if (groups.gap <= 16) return wrong(at - 1, 2, "\"::\" stands only once in an IPv6 address");
      groups.gap = groups.size;
      ++at;
    } else if (at == text.size()) {
      return wrong(at - 1, 1, "an IPv6 address does not end in a single colon");
    }
  }
  if (groups.gap > 16) {
    if (groups.size != 16)
      return wrong(0, text.size(), "an IPv6 address has 8 groups, this one has " + std::to_string(groups.size / 2),
                   "\"::\" stands for groups of zeros");
  } else {
    if (groups.size > 14)
      return wrong(0, text.size(), "\"::\" stands for at least one group of zeros, but 8 groups are written");
    const auto tail = groups.octets.begin() + static_cast<std::ptrdiff_t>(groups.gap);
    std::rotate(tail, groups.octets.begin() + static_cast<std::ptrdiff_t>(groups.size), groups.octets.end());
  }
  std::memcpy(out, groups.octets.data(), 16);
  return {};
}

}  // namespace dns
