#include "zone/field/print.h"

#include <algorithm>

#include "zone/field/encoding.h"
#include "zone/field/mnemonics.h"
#include "zone/field/text.h"
#include "zone/name/text.h"
#include "zone/rr/measure.h"

namespace dns {
namespace {

void append_mnemonic(std::string& out, std::span<const MnemonicRow> rows, std::uint16_t value) {
  const std::string_view name = find_name(rows, value);
  if (name.empty()) append_number(out, value);
  else out += name;
}

// Octets in lower case with `separator` behind every `group` of them.
void append_grouped(std::string& out, Bytes octets, std::size_t group, std::string_view separator) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i > 0 && i % group == 0) out += separator;
    out += kDigits[octets[i] >> 4];
    out += kDigits[octets[i] & 15];
  }
}

void append_strings(std::string& out, Bytes octets) {
  for (std::size_t at = 0; at < octets.size(); at += 1U + octets[at]) {
    if (at > 0) out += ' ';
    append_quoted(out, octets.subspan(at + 1, octets[at]));
  }
}

void append_old_types(std::string& out, Bytes bitmap) {
  for (std::size_t bit = 0; bit < bitmap.size() * 8; ++bit) {
    if ((bitmap[bit / 8] >> (7 - bit % 8) & 1) == 0) continue;
    out += ' ';
    out += to_text(static_cast<Type>(bit));
  }
}

Printed append_services(std::string& out, Bytes octets) {
  if (octets.size() > 1 && octets.back() == 0) return Printed::kGeneric;
  append_number(out, octets[0]);
  for (std::size_t port = 0; port < (octets.size() - 1) * 8; ++port) {
    if ((octets[1 + port / 8] >> (7 - port % 8) & 1) == 0) continue;
    out += ' ';
    append_number(out, port);
  }
  return Printed::kText;
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

Printed append_gateway(std::string& out, std::uint8_t type, const std::uint8_t* octets) {
  switch (type) {
    case 0: out += '.'; return Printed::kText;
    case 1: append_ipv4(out, octets); return Printed::kText;
    case 2: append_ipv6(out, octets); return Printed::kText;
    case 3: append_name(out, octets); return Printed::kText;
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

// The characters of a character-string that needs no quotes.
void append_plain(std::string& out, Bytes field) { out += as_text(field.subspan(1)); }

// `field` are the octets of one field of a well-formed RDATA.
Printed append_field(std::string& out, FieldKind kind, Bytes rdata, Bytes field) {
  switch (kind) {
    using enum FieldKind;
    case kU8:
    case kAlgorithm: append_number(out, field[0]); break;
    case kU16: append_number(out, load16(field.data())); break;
    case kU32:
    case kTtl: append_number(out, load32(field.data())); break;
    case kU64: append_number(out, load64(field.data())); break;
    case kTime: append_time(out, load32(field.data())); break;
    case kIpv4: append_ipv4(out, field.data()); break;
    case kIpv6: append_ipv6(out, field.data()); break;
    case kName: append_name(out, field.data()); break;
    case kString:
    case kOptionalString:
    case kStrings:
    case kDigits:
    case kDecimal: append_strings(out, field); break;
    case kText:
    case kSomeText: append_quoted(out, field); break;
    case kTag: append_plain(out, field); break;
    case kHex: append_hex(out, field); break;
    case kBase64:
    case kBase64OrEmpty: append_base64(out, field); break;
    case kBase64OrDash:
      if (field.empty()) out += '-';
      else append_base64(out, field);
      break;
    case kSalt:
      if (field.size() == 1) out += '-';
      else append_hex(out, field.subspan(1));
      break;
    case kHash: append_base32hex(out, field.subspan(1)); break;
    case kType: out += to_text(static_cast<Type>(load16(field.data()))); break;
    case kTypes: append_types(out, field); break;
    case kOldTypes: append_old_types(out, field); break;
    case kCertType: append_mnemonic(out, kCertTypes, load16(field.data())); break;
    case kCertAlgorithm: append_mnemonic(out, kAlgorithms, field[0]); break;
    case kScheme: append_mnemonic(out, kSchemes, field[0]); break;
    case kServices: return append_services(out, field);
    case kLocation: return append_location(out, field);
    case kPrefixes: return append_prefixes(out, field);
    case kGateway: return append_gateway(out, rdata[1], field.data());
    case kRelay: return append_relay(out, field);
    case kSvcParams: append_svc_params(out, field); break;
    case kHip: append_hip(out, field); break;
    case kA6: append_a6(out, field); break;
    case kNsap:
      out += "0x";
      append_grouped(out, field, field.size(), "");
      break;
    case kAtma:
      if (field[0] == 0) append_grouped(out, field.subspan(1), field.size(), "");
      else (out += '+') += as_text(field.subspan(1));
      break;
    case kEui48:
    case kEui64: append_grouped(out, field, 1, "-"); break;
    case kLocator64: append_grouped(out, field, 2, ":"); break;
    case kOpaque: return Printed::kGeneric;
  }
  return Printed::kText;
}

// Kinds that write a blank before each of their parts, or nothing at all.
bool brings_own_blank(FieldKind kind) {
  return kind == FieldKind::kTypes || kind == FieldKind::kOldTypes || kind == FieldKind::kSvcParams;
}

Printed append_fields(std::string& out, const TypeRow& row, Bytes rdata) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < row.fields.count; ++i) {
    const FieldKind kind = row.fields.at[i].kind;
    const std::size_t size = trusted_size(kind, rdata, at);
    const bool absent = size == 0 && (kind == FieldKind::kOptionalString || kind == FieldKind::kBase64OrEmpty);
    if (i > 0 && !absent && !brings_own_blank(kind)) out += ' ';
    if (append_field(out, kind, rdata, rdata.subspan(at, size)) == Printed::kGeneric) return Printed::kGeneric;
    at += size;
  }
  return Printed::kText;
}

}  // namespace

void append_rdata(std::string& out, Type type, Bytes rdata) {
  const TypeRow* row = find_row(type);
  const std::size_t begin = out.size();
  if (row != nullptr && check_rdata(type, rdata) && append_fields(out, *row, rdata) == Printed::kText) return;
  out.resize(begin);
  append_generic(out, rdata);
}

void append_name(std::string& out, const std::uint8_t* name) {
  if (*name == 0) out += '.';
  for (; *name != 0; name += 1U + *name) {
    append_label(out, {name + 1, *name});
    out += '.';
  }
}

void append_types(std::string& out, Bytes bitmap) {
  for (std::size_t at = 0; at < bitmap.size(); at += 2U + bitmap[at + 1]) {
    for (std::size_t bit = 0; bit < bitmap[at + 1] * 8U; ++bit) {
      if ((bitmap[at + 2 + bit / 8] >> (7 - bit % 8) & 1) == 0) continue;
      out += ' ';
      out += to_text(static_cast<Type>(bitmap[at] * 256U + bit));
    }
  }
}

void append_generic(std::string& out, Bytes rdata) {
  out += "\\# ";
  append_number(out, rdata.size());
  if (rdata.empty()) return;
  out += ' ';
  append_hex(out, rdata);
}

}  // namespace dns
