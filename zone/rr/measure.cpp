#include "zone/rr/measure.h"

#include <algorithm>

#include "zone/base/ascii.h"
#include "zone/rr/location.h"
#include "zone/rr/svcb.h"

namespace dns {
namespace {

using Measured = Result<std::size_t, RdataError>;

Measured too_short(Bytes rdata) { return Failure(RdataError{RdataErrorKind::kTooShort, rdata.size()}); }
Measured bad_value(std::size_t at) { return Failure(RdataError{RdataErrorKind::kBadValue, at}); }

Measured fixed(Bytes rdata, std::size_t at, std::size_t size) {
  if (rdata.size() - at < size) return too_short(rdata);
  return size;
}

Measured rest(Bytes rdata, std::size_t at, std::size_t least) {
  if (rdata.size() - at < least) return too_short(rdata);
  return rdata.size() - at;
}

Measured name(Bytes rdata, std::size_t at) {
  const Result<NameView, NameError> view = read_name(rdata.subspan(at));
  if (view) return view->size();
  return Failure(
      RdataError{view.error() == NameError::kTruncated ? RdataErrorKind::kTooShort : RdataErrorKind::kBadName, at});
}

// A length octet and that many octets, at least `least`.
Measured prefixed(Bytes rdata, std::size_t at, std::size_t least) {
  if (rdata.size() == at || rdata.size() - at - 1 < rdata[at]) return too_short(rdata);
  if (rdata[at] < least) return bad_value(at);
  return 1U + rdata[at];
}

Measured strings(Bytes rdata, std::size_t at) {
  if (at == rdata.size()) return too_short(rdata);
  std::size_t end = at;
  while (end < rdata.size()) end += 1U + rdata[end];
  if (end != rdata.size()) return too_short(rdata);
  return end - at;
}

// A character-string whose octets are all `allowed`.
Measured string_of(Bytes rdata, std::size_t at, std::size_t least, bool (*allowed)(char)) {
  const Measured size = prefixed(rdata, at, least);
  if (!size) return size;
  for (std::size_t i = at + 1; i < at + *size; ++i)
    if (!allowed(static_cast<char>(rdata[i]))) return bad_value(i);
  return size;
}

bool is_tag_octet(char c) { return is_digit(c) || is_letter(c); }

Measured decimal(Bytes rdata, std::size_t at) {
  const Measured size = prefixed(rdata, at, 1);
  if (!size) return size;
  return is_decimal(as_text(rdata.subspan(at + 1, *size - 1))) ? size : bad_value(at + 1);
}

// Windows ascending, 1 to 32 octets, no trailing zero octet (RFC 4034 4.1.2).
Measured bitmap(Bytes rdata, std::size_t begin) {
  int last = -1;
  for (std::size_t at = begin; at < rdata.size();) {
    if (rdata.size() - at < 2) return too_short(rdata);
    const std::size_t size = rdata[at + 1];
    if (rdata[at] <= last || size == 0 || size > 32) return bad_value(at);
    if (rdata.size() - at - 2 < size) return too_short(rdata);
    if (rdata[at + 1 + size] == 0) return bad_value(at + 1 + size);
    last = rdata[at];
    at += 2 + size;
  }
  return rdata.size() - begin;
}

Measured old_bitmap(Bytes rdata, std::size_t at) {
  const std::size_t size = rdata.size() - at;
  if (size > 16 || (size > 0 && rdata.back() == 0)) return bad_value(at);
  return size;
}

Measured services(Bytes rdata, std::size_t at) {
  constexpr std::size_t kPortOctets = 65536 / 8;
  if (at == rdata.size()) return too_short(rdata);
  return rdata.size() - at - 1 > kPortOctets ? bad_value(at) : Measured(rdata.size() - at);
}

constexpr std::uint8_t kNoGateway = 0, kIpv4Gateway = 1, kIpv6Gateway = 2, kNameGateway = 3;

Measured gateway_of(std::uint8_t type, Bytes rdata, std::size_t at) {
  switch (type) {
    case kNoGateway: return 0;
    case kIpv4Gateway: return fixed(rdata, at, 4);
    case kIpv6Gateway: return fixed(rdata, at, 16);
    case kNameGateway: return name(rdata, at);
    default: return bad_value(1);
  }
}

// The relay of an unknown type is the rest of the RDATA (RFC 8777 4.2.4).
Measured relay(Bytes rdata, std::size_t at) {
  if (at == rdata.size()) return too_short(rdata);
  const std::uint8_t type = rdata[at] & 0x7f;
  if (type > kNameGateway) return rdata.size() - at;
  const Measured size = gateway_of(type, rdata, at + 1);
  return size ? Measured(*size + 1) : size;
}

// Items: address family, prefix length, negation bit, address without trailing zero octets (RFC 3123 4).
Measured prefixes(Bytes rdata, std::size_t begin) {
  for (std::size_t at = begin; at < rdata.size();) {
    if (rdata.size() - at < 4) return too_short(rdata);
    const std::uint16_t family = load16(&rdata[at]);
    const std::size_t size = rdata[at + 3] & 0x7f;
    if (rdata.size() - at - 4 < size) return too_short(rdata);
    const std::size_t octets = family == 1 ? 4 : family == 2 ? 16 : 127;
    if (size > octets || (family <= 2 && rdata[at + 2] > octets * 8)) return bad_value(at);
    if (size > 0 && rdata[at + 3 + size] == 0) return bad_value(at + 3 + size);
    at += 4 + size;
  }
  return rdata.size() - begin;
}

Measured hip(Bytes rdata, std::size_t begin) {
  if (rdata.size() - begin < 4) return too_short(rdata);
  const std::size_t identity = rdata[begin], key = load16(&rdata[begin + 2]);
  if (identity == 0 || key == 0) return bad_value(begin);
  std::size_t at = begin + 4 + identity + key;
  if (at > rdata.size()) return too_short(rdata);
  while (at < rdata.size()) {
    const Measured server = name(rdata, at);
    if (!server) return server;
    at += *server;
  }
  return rdata.size() - begin;
}

// Prefix length, address suffix with zero bits in place of the prefix, and the prefix name (RFC 2874 3.1).
Measured a6(Bytes rdata, std::size_t at) {
  if (at == rdata.size()) return too_short(rdata);
  const std::size_t prefix = rdata[at];
  if (prefix > 128) return bad_value(at);
  const std::size_t suffix = (128 - prefix + 7) / 8;
  if (rdata.size() - at - 1 < suffix) return too_short(rdata);
  if (suffix > 0 && (rdata[at + 1] >> (8 - prefix % 8)) != 0 && prefix % 8 != 0) return bad_value(at + 1);
  if (prefix == 0) return 1 + suffix;
  const Measured rest_name = name(rdata, at + 1 + suffix);
  return rest_name ? Measured(1 + suffix + *rest_name) : rest_name;
}

Measured location(Bytes rdata, std::size_t at) {
  if (rdata.size() - at < kLocationSize) return too_short(rdata);
  return is_location(rdata.subspan(at, kLocationSize)) ? Measured(kLocationSize) : bad_value(at);
}

// Format 0 is an AESA, format 1 the digits of an E.164 address (ATM Forum, "ATM Name System", 5.2).
Measured atma(Bytes rdata, std::size_t at) {
  if (rdata.size() - at < 2) return too_short(rdata);
  if (rdata[at] > 1) return bad_value(at);
  for (std::size_t i = at + 1; rdata[at] == 1 && i < rdata.size(); ++i)
    if (!is_digit(static_cast<char>(rdata[i]))) return bad_value(i);
  return rdata.size() - at;
}

}  // namespace

Result<std::size_t, RdataError> measure_field(FieldKind kind, Bytes rdata, std::size_t at) {
  switch (kind) {
    using enum FieldKind;
    case kU8:
    case kAlgorithm:
    case kCertAlgorithm:
    case kScheme: return fixed(rdata, at, 1);
    case kU16:
    case kType:
    case kCertType: return fixed(rdata, at, 2);
    case kU32:
    case kTtl:
    case kTime:
    case kIpv4: return fixed(rdata, at, 4);
    case kEui48: return fixed(rdata, at, 6);
    case kU64:
    case kEui64:
    case kLocator64: return fixed(rdata, at, 8);
    case kIpv6: return fixed(rdata, at, 16);
    case kName: return name(rdata, at);
    case kString: return prefixed(rdata, at, 0);
    case kOptionalString: return at == rdata.size() ? Measured(0) : prefixed(rdata, at, 0);
    case kStrings: return strings(rdata, at);
    case kText:
    case kBase64OrEmpty:
    case kBase64OrDash:
    case kOpaque: return rest(rdata, at, 0);
    case kSomeText:
    case kHex:
    case kBase64:
    case kNsap: return rest(rdata, at, 1);
    case kTag: return string_of(rdata, at, 1, is_tag_octet);
    case kDigits: return string_of(rdata, at, 4, is_digit);
    case kDecimal: return decimal(rdata, at);
    case kSalt: return prefixed(rdata, at, 0);
    case kHash: return prefixed(rdata, at, 1);
    case kTypes: return bitmap(rdata, at);
    case kOldTypes: return old_bitmap(rdata, at);
    case kServices: return services(rdata, at);
    case kLocation: return location(rdata, at);
    case kPrefixes: return prefixes(rdata, at);
    case kGateway: return gateway_of(rdata[1], rdata, at);
    case kRelay: return relay(rdata, at);
    case kSvcParams: {
      const Result<void, RdataError> checked = check_svc_params(rdata, at);
      return checked ? Measured(rdata.size() - at) : Failure(checked.error());
    }
    case kHip: return hip(rdata, at);
    case kA6: return a6(rdata, at);
    case kAtma: return atma(rdata, at);
  }
  return bad_value(at);
}

std::size_t trusted_size(FieldKind kind, Bytes rdata, std::size_t at) {
  if (kind == FieldKind::kName) return NameView::trusted(rdata.data() + at).size();
  if (kind == FieldKind::kU16) return 2;
  return measure_field(kind, rdata, at).value_or(rdata.size() - at);
}

std::size_t digest_size(std::uint8_t digest_type) {
  constexpr std::size_t kSizes[] = {0, 20, 32, 32, 48, 32, 32};  // SHA-1, SHA-256, GOST, SHA-384, GOST 2012, SM3
  return digest_type < std::size(kSizes) ? kSizes[digest_type] : 0;
}

std::size_t fingerprint_size(std::uint8_t fingerprint_type) {
  constexpr std::size_t kSizes[] = {0, 20, 32};  // SHA-1, SHA-256
  return fingerprint_type < std::size(kSizes) ? kSizes[fingerprint_type] : 0;
}

std::size_t zone_digest_size(std::uint8_t algorithm) {
  constexpr std::size_t kSizes[] = {0, 48, 64};  // SHA-384, SHA-512
  return algorithm < std::size(kSizes) ? kSizes[algorithm] : 0;
}

std::size_t matching_size(std::uint8_t matching_type) {
  constexpr std::size_t kSizes[] = {0, 32, 64};  // the whole certificate or key, SHA-256, SHA-512
  return matching_type < std::size(kSizes) ? kSizes[matching_type] : 0;
}

std::size_t hashed_owner_size(std::uint8_t algorithm) { return algorithm == 1 ? 20 : 0; }  // SHA-1

Result<void, RdataError> check_rule(RdataCheck check, Bytes rdata) {
  const auto sized = [&](std::size_t begin, std::size_t expected) -> Result<void, RdataError> {
    if (expected == 0 || rdata.size() - begin == expected) return {};
    return Failure(RdataError{RdataErrorKind::kBadValue, begin});
  };
  switch (check) {
    case RdataCheck::kNone: return {};
    case RdataCheck::kDigest: return sized(4, digest_size(rdata[3]));
    case RdataCheck::kFingerprint: return sized(2, fingerprint_size(rdata[1]));
    case RdataCheck::kZoneDigest:
      if (rdata.size() < 6 + kMinZoneDigest) return Failure(RdataError{RdataErrorKind::kTooShort, rdata.size()});
      return sized(6, zone_digest_size(rdata[5]));
    case RdataCheck::kMatching: return sized(3, matching_size(rdata[2]));
    case RdataCheck::kHashedOwner: {
      const std::size_t length = std::size_t{5} + rdata[4], expected = hashed_owner_size(rdata[0]);
      if (expected == 0 || rdata[length] == expected) return {};
      return Failure(RdataError{RdataErrorKind::kBadValue, length});
    }
    case RdataCheck::kKey: {
      const bool no_key = (rdata[0] & 0xc0) == 0xc0;  // RFC 2535 3.1.2
      if (no_key || rdata.size() > 4) return {};
      return Failure(RdataError{RdataErrorKind::kTooShort, rdata.size()});
    }
  }
  return {};
}

}  // namespace dns
