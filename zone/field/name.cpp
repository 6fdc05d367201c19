// Names, and fields that contain a name or an address: gateways (IPSECKEY), relays (AMTRELAY), A6.
#include <algorithm>
#include <array>

#include "zone/base/ascii.h"
#include "zone/field/address.h"
#include "zone/field/field.h"
#include "zone/name/text.h"

namespace dns {
namespace {

// Reads a correct name without escapes, the common case. 0 for other text.
std::size_t plain_name(std::string_view text, NameView origin, std::uint8_t* out) {
  if (text.empty() || text.size() > kMaxName - 2) return 0;
  std::size_t label = 0;  // index of the current label's length octet
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    out[i + 1] = static_cast<std::uint8_t>(c);
    if (c == '\\') return 0;
    if (c != '.') continue;
    const std::size_t length = i - label;
    if (length == 0 || length > kMaxLabel) return 0;
    out[label] = static_cast<std::uint8_t>(length);
    label = i + 1;
  }
  if (label == text.size()) {
    out[label] = 0;
    return label + 1;
  }
  const std::size_t length = text.size() - label, size = text.size() + 1;
  if (length > kMaxLabel || size + origin.size() > kMaxName || text == "@") return 0;
  out[label] = static_cast<std::uint8_t>(length);
  std::memcpy(out + size, origin.data(), origin.size());
  return size + origin.size();
}

constexpr std::uint8_t kNoGateway = 0, kIpv4Gateway = 1, kIpv6Gateway = 2, kNameGateway = 3;

FieldResult no_gateway(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (scan.text() != ".") return Failure(scan.error_at("Z043", scan.what() + " must be \".\" for type 0"));
  ++scan.next;
  return {};
}

// Reads the gateway for the gateway type, which is in token `type_token`.
FieldResult read_gateway(FieldScan& scan, std::uint8_t gateway_type, std::size_t type_token) {
  switch (gateway_type) {
    case kNoGateway: return no_gateway(scan);
    case kIpv4Gateway: return read_ipv4(scan);
    case kIpv6Gateway: return read_ipv6(scan);
    case kNameGateway: return read_name_field(scan);
    default: break;
  }
  scan.next = type_token;
  return Failure(scan.error_at(
      "Z043", "unknown type " + std::string(scan.text()) + ": use 0 for none, 1 for IPv4, 2 for IPv6, 3 for a name"));
}

}  // namespace

FieldResult read_name_field(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  if (const FieldResult ok = scan.need_room(kMaxName + 1); ok) {
    if (const std::size_t size = plain_name(scan.text(), scan.origin, scan.out + scan.size); size > 0) [[likely]] {
      scan.size += size;
      ++scan.next;
      return {};
    }
  }
  const Result<Name, NameTextError> name = parse_name(scan.text(), scan.origin);
  if (!name) {
    const bool whole = name.error().error == NameTextErrorKind::kNameTooLong;
    const std::size_t offset = whole ? 0 : name.error().offset;
    return Failure(scan.error_at("Z029", offset, whole ? scan.text().size() : 1,
                                 std::string(describe(name.error().error)) + " in " + scan.what()));
  }
  const FieldResult ok = scan.put(name->view().bytes());
  if (ok) ++scan.next;
  return ok;
}

// The gateway type is two tokens before, the algorithm between them (RFC 4025 2.1).
FieldResult read_gateway_field(FieldScan& scan) { return read_gateway(scan, scan.out[1], scan.next - 2); }

// The discovery bit and the type share an octet (RFC 8777 4.2).
FieldResult read_relay(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  const auto discovery = number_of(scan, 0, scan.text(), 1);
  if (!discovery) return Failure(discovery.error());
  ++scan.next;
  scan.field = "relay type";
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  const auto type = number_of(scan, 0, scan.text(), 127);
  if (!type) return Failure(type.error());
  ++scan.next;
  if (const FieldResult ok = scan.need_room(1); !ok) return ok;
  scan.put8(*discovery << 7 | *type);
  scan.field = "relay";
  return read_gateway(scan, static_cast<std::uint8_t>(*type), scan.next - 1);
}

// Prefix length, the address suffix if the prefix is shorter than 128 bits, the prefix name if it is longer than 0 bits
// (RFC 2874 3.2).
FieldResult read_a6(FieldScan& scan) {
  if (const FieldResult ok = scan.need_plain(); !ok) return ok;
  const auto prefix = number_of(scan, 0, scan.text(), 128);
  if (!prefix) return Failure(prefix.error());
  ++scan.next;
  scan.put8(*prefix);
  const std::size_t suffix = (128 - *prefix + 7) / 8;
  if (suffix > 0) {
    scan.field = "address suffix";
    if (const FieldResult ok = scan.need_plain(); !ok) return ok;
    std::array<std::uint8_t, 16> address{};
    const auto parsed = parse_ipv6(scan.text(), address.data());
    if (!parsed)
      return Failure(scan.error_at("Z026", parsed.error().offset, parsed.error().length, parsed.error().message,
                                   parsed.error().help));
    if (*prefix % 8 != 0) address[16 - suffix] &= static_cast<std::uint8_t>(0xff >> *prefix % 8);
    if (const FieldResult ok = scan.put(Bytes(address).last(suffix)); !ok) return ok;
    ++scan.next;
  }
  scan.field = "prefix name";
  return *prefix == 0 ? FieldResult{} : read_name_field(scan);
}

void append_name(std::string& out, const std::uint8_t* name) {
  if (*name == 0) out += '.';
  for (; *name != 0; name += 1U + *name) {
    append_label(out, {name + 1, *name});
    out += '.';
  }
}

Printed append_gateway(std::string& out, std::uint8_t type, const std::uint8_t* octets) {
  switch (type) {
    case kNoGateway: out += '.'; return Printed::kText;
    case kIpv4Gateway: append_ipv4(out, octets); return Printed::kText;
    case kIpv6Gateway: append_ipv6(out, octets); return Printed::kText;
    case kNameGateway: append_name(out, octets); return Printed::kText;
    default: return Printed::kGeneric;
  }
}

Printed append_relay(std::string& out, Bytes octets) {
  const std::uint8_t type = octets[0] & 0x7f;
  append_number(out, octets[0] >> 7);
  out += ' ';
  append_number(out, type);
  out += ' ';
  return append_gateway(out, type, octets.data() + 1);
}

void append_a6(std::string& out, Bytes octets) {
  const std::size_t prefix = octets[0], suffix = (128 - prefix + 7) / 8;
  append_number(out, prefix);
  if (suffix > 0) {
    std::array<std::uint8_t, 16> address{};
    std::copy_n(octets.data() + 1, suffix, address.end() - static_cast<std::ptrdiff_t>(suffix));
    out += ' ';
    append_ipv6(out, address.data());
  }
  if (prefix == 0) return;
  out += ' ';
  append_name(out, octets.data() + 1 + suffix);
}

}  // namespace dns
