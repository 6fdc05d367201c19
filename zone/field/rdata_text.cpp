#include "zone/field/rdata_text.h"

#include "zone/field/address.h"
#include "zone/field/field.h"
#include "zone/field/text.h"
#include "zone/rr/measure.h"

namespace dns {
namespace {

FieldResult only_generic(const FieldScan& scan) {
  return Failure(scan.error_at("Z054", to_text(scan.type) + " has no text format", "write \\# LENGTH HEX"));
}

FieldResult read_field(FieldScan& scan, FieldKind kind) {
  switch (kind) {
    using enum FieldKind;
    case kU8: return read_number(scan, 1);
    case kU16: return read_number(scan, 2);
    case kU32: return read_number(scan, 4);
    case kU64: return read_number(scan, 8);
    case kTtl: return read_ttl(scan);
    case kTime: return read_time(scan);
    case kIpv4: return read_ipv4(scan);
    case kIpv6: return read_ipv6(scan);
    case kName: return read_name_field(scan);
    case kString: return read_string(scan);
    case kOptionalString: return scan.done() ? FieldResult{} : read_string(scan);
    case kStrings: return read_strings(scan);
    case kText: return read_text(scan, 0);
    case kSomeText: return read_text(scan, 1);
    case kTag: return read_tag(scan);
    case kDigits: return read_digits(scan);
    case kDecimal: return read_decimal(scan);
    case kHex: return read_hex(scan);
    case kBase64: return read_base64(scan, 1);
    case kBase64OrEmpty: return read_base64(scan, 0);
    case kBase64OrDash: return read_base64_or_dash(scan);
    case kSalt: return read_salt(scan);
    case kHash: return read_hash(scan);
    case kType: return read_type(scan);
    case kTypes: return read_types(scan);
    case kOldTypes: return read_old_types(scan);
    case kAlgorithm:
    case kCertAlgorithm: return read_algorithm(scan);
    case kCertType: return read_cert_type(scan);
    case kScheme: return read_scheme(scan);
    case kServices: return read_services(scan);
    case kLocation: return read_location_field(scan);
    case kPrefixes: return read_prefixes(scan);
    case kGateway: return read_gateway_field(scan);
    case kRelay: return read_relay(scan);
    case kSvcParams: return read_svc_params_field(scan);
    case kHip: return read_hip(scan);
    case kA6: return read_a6(scan);
    case kNsap: return read_nsap(scan);
    case kAtma: return read_atma(scan);
    case kEui48: return read_eui(scan, 6);
    case kEui64: return read_eui(scan, 8);
    case kLocator64: return read_locator64(scan);
    case kOpaque: return only_generic(scan);
  }
  return only_generic(scan);
}

// Checks the size of a digest in token `token`. `expected` 0: any size.
FieldResult check_size(FieldScan& scan, std::size_t token, std::size_t size, std::size_t expected,
                       std::string_view kind) {
  if (expected == 0 || size == expected) return {};
  scan.next = token;
  return Failure(scan.error_at("Z039", scan.what() + " has " + std::to_string(size) +
                                           (size == 1 ? " octet, but " : " octets, but ") + std::string(kind) +
                                           " needs " + std::to_string(expected)));
}

// Checks the rules that involve several fields. `check_rule` checks the same rules in wire form.
FieldResult check_across_fields(FieldScan& scan, RdataCheck check) {
  switch (check) {
    case RdataCheck::kNone: return {};
    case RdataCheck::kDigest:
      return check_size(scan, 3, scan.size - 4, digest_size(scan.out[3]), "digest type " + std::to_string(scan.out[3]));
    case RdataCheck::kFingerprint:
      return check_size(scan, 2, scan.size - 2, fingerprint_size(scan.out[1]),
                        "fingerprint type " + std::to_string(scan.out[1]));
    case RdataCheck::kZoneDigest:
      if (scan.size < 6 + kMinZoneDigest) {
        scan.next = 3;
        return Failure(
            scan.error_at("Z039", scan.what() + " has fewer than " + std::to_string(kMinZoneDigest) + " octets"));
      }
      return check_size(scan, 3, scan.size - 6, zone_digest_size(scan.out[5]),
                        "hash algorithm " + std::to_string(scan.out[5]));
    case RdataCheck::kMatching:
      return check_size(scan, 3, scan.size - 3, matching_size(scan.out[2]),
                        "matching type " + std::to_string(scan.out[2]));
    case RdataCheck::kHashedOwner:
      scan.field = "next hashed owner";
      return check_size(scan, 4, scan.out[std::size_t{5} + scan.out[4]], hashed_owner_size(scan.out[0]),
                        "hash algorithm " + std::to_string(scan.out[0]));
    case RdataCheck::kKey:
      if (check_rule(check, scan.written())) return {};
      return Failure(scan.missing());
  }
  return {};
}

FieldResult read_fields(FieldScan& scan, const TypeRow& row) {
  for (const FieldRow& field : row.fields) {
    scan.field = field.name;
    if (FieldResult ok = read_field(scan, field.kind); !ok) return ok;
  }
  if (!scan.done())
    return Failure(scan.error_at(
        "Z021", "'" + std::string(scan.text()) + "' after the end of the " + std::string(row.name) + " record"));
  return check_across_fields(scan, row.rules.check);
}

// Appends one field. `field` are its octets in the well-formed `rdata`.
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
    case kTag: append_tag(out, field); break;
    case kHex: append_hex(out, field); break;
    case kBase64:
    case kBase64OrEmpty: append_base64(out, field); break;
    case kBase64OrDash: append_base64_or_dash(out, field); break;
    case kSalt: append_salt(out, field); break;
    case kHash: append_hash(out, field); break;
    case kType: out += to_text(static_cast<Type>(load16(field.data()))); break;
    case kTypes: append_types(out, field); break;
    case kOldTypes: append_old_types(out, field); break;
    case kCertType: append_cert_type(out, load16(field.data())); break;
    case kCertAlgorithm: append_cert_algorithm(out, field[0]); break;
    case kScheme: append_scheme(out, field[0]); break;
    case kServices: return append_services(out, field);
    case kLocation: return append_location(out, field);
    case kPrefixes: return append_prefixes(out, field);
    case kGateway: return append_gateway(out, rdata[1], field.data());
    case kRelay: return append_relay(out, field);
    case kSvcParams: append_svc_params(out, field); break;
    case kHip: append_hip(out, field); break;
    case kA6: append_a6(out, field); break;
    case kNsap: append_nsap(out, field); break;
    case kAtma: append_atma(out, field); break;
    case kEui48:
    case kEui64: append_eui(out, field); break;
    case kLocator64: append_locator64(out, field); break;
    case kOpaque: return Printed::kGeneric;
  }
  return Printed::kText;
}

// Kinds with any number of parts. They write a blank before each part.
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

Result<std::size_t, RdataTextError> parse_rdata_text(Type type, std::span<const Token> tokens, NameView origin,
                                                     RdataBuffer& out, std::vector<RdataTextError>* warnings) {
  FieldScan scan{.type = type, .tokens = tokens, .origin = origin, .out = out.data(), .warnings = warnings};
  const TypeRow* row = find_row(type);
  if (type == kReservedType) return Failure(scan.error_at("Z056", to_text(type) + " is a reserved type"));
  if (is_meta(type) || (row != nullptr && row->rules.meta))
    return Failure(scan.error_at("Z056", to_text(type) + " occurs only in messages, not in zones"));
  FieldResult ok = is_generic(tokens) ? read_generic(scan)
                   : row != nullptr   ? read_fields(scan, *row)
                                      : only_generic(scan);
  if (!ok) return Failure(std::move(ok.error()));
  return scan.size;
}

void append_rdata(std::string& out, Type type, Bytes rdata) {
  const TypeRow* row = find_row(type);
  const std::size_t begin = out.size();
  if (row != nullptr && check_rdata(type, rdata) && append_fields(out, *row, rdata) == Printed::kText) return;
  out.resize(begin);
  append_generic(out, rdata);
}

}  // namespace dns
