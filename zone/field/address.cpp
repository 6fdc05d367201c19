// Fields of addresses, and APL's prefixes (RFC 3123 5).
#include <array>

#include "zone/field/field.h"
#include "zone/field/ip_address.h"

namespace dns {
namespace {

FieldResult finish(FieldScan& scan, std::string_view code, std::size_t octets, Result<void, AddressError> result) {
  if (!result) {
    AddressError& error = result.error();
    return Failure(scan.error_at(code, error.offset, error.length, std::move(error.message), std::move(error.help)));
  }
  scan.size += octets;
  ++scan.next;
  return {};
}

constexpr std::string_view kPrefixForm = "write family:address/length, such as 1:192.0.2.0/24 or !2:2001:db8::/32";

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
    return Failure(scan.error_at("Z042", begin, colon - begin,
                                 "family " + std::to_string(*family) + " has no text form: 1 is IPv4, 2 is IPv6"));
  std::array<std::uint8_t, 16> address{};
  const std::size_t octets = *family == 1 ? 4 : 16;
  const std::string_view words = text.substr(colon + 1, slash - colon - 1);
  const auto parsed = octets == 4 ? ipv4_of(words, address.data()) : ipv6_of(words, address.data());
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

FieldResult read_ipv4(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(4); !ok) return ok;
  return finish(scan, "Z025", 4, ipv4_of(scan.text(), scan.out + scan.size));
}

FieldResult read_ipv6(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(16); !ok) return ok;
  return finish(scan, "Z026", 16, ipv6_of(scan.text(), scan.out + scan.size));
}

FieldResult read_prefixes(FieldScan& scan) {
  for (; !scan.done(); ++scan.next) {
    if (const FieldResult ok = scan.need_plain(); !ok) return ok;
    if (const FieldResult ok = read_prefix(scan); !ok) return ok;
  }
  return {};
}

}  // namespace dns
