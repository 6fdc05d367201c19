#include "zone/field/rdata_text.h"

#include "zone/field/field.h"
#include "zone/field/mnemonics.h"
#include "zone/field/text.h"
#include "zone/rr/measure.h"

namespace dns {
namespace {

FieldResult only_generic(const FieldScan& scan) {
  return Failure(scan.error_at("Z054", to_text(scan.type) + " has no text form of its own", "write \\# LENGTH HEX"));
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

// A digest that stands at token `token`, octet `begin`: `expected` octets where its kind is known.
FieldResult check_size(FieldScan& scan, std::size_t token, std::size_t begin, std::size_t expected,
                       std::string_view kind) {
  const std::size_t size = scan.size - begin;
  if (expected == 0 || size == expected) return {};
  scan.next = token;
  return Failure(scan.error_at("Z039", scan.what() + " has " + std::to_string(size) + " octets, but " +
                                           std::string(kind) + " has " + std::to_string(expected)));
}

// The rules across fields, in words; `check_rule` holds them for octets.
FieldResult check_across_fields(FieldScan& scan, RdataCheck check) {
  switch (check) {
    case RdataCheck::kNone:
    case RdataCheck::kService: return {};
    case RdataCheck::kDigest:
      return check_size(scan, 3, 4, digest_size(scan.out[3]), "digest type " + std::to_string(scan.out[3]));
    case RdataCheck::kFingerprint:
      return check_size(scan, 2, 2, fingerprint_size(scan.out[1]), "fingerprint type " + std::to_string(scan.out[1]));
    case RdataCheck::kZoneDigest:
      if (scan.size < 6 + kMinZoneDigest) {
        scan.next = 3;
        return Failure(
            scan.error_at("Z039", scan.what() + " has fewer than " + std::to_string(kMinZoneDigest) + " octets"));
      }
      return check_size(scan, 3, 6, zone_digest_size(scan.out[5]), "hash algorithm " + std::to_string(scan.out[5]));
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
    return Failure(scan.error_at("Z021", "'" + std::string(scan.text()) + "' stands behind the end of the " +
                                             std::string(row.name) + " record"));
  return check_across_fields(scan, row.rules.check);
}

}  // namespace

Result<std::size_t, RdataTextError> parse_rdata_text(Type type, std::span<const Token> tokens, NameView origin,
                                                     RdataBuffer& out) {
  FieldScan scan{.type = type, .tokens = tokens, .origin = origin, .out = out.data()};
  const TypeRow* row = find_row(type);
  if (type == kReservedType) return Failure(scan.error_at("Z056", to_text(type) + " is reserved and names no records"));
  if (is_meta(type) || (row != nullptr && row->rules.meta))
    return Failure(scan.error_at("Z056", to_text(type) + " does not stand in zones: only messages carry it"));
  FieldResult ok = is_generic(tokens) ? read_generic(scan)
                   : row != nullptr   ? read_fields(scan, *row)
                                      : only_generic(scan);
  if (!ok) return Failure(std::move(ok.error()));
  return scan.size;
}

}  // namespace dns
