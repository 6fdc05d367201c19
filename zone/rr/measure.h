// One field of an RDATA in wire form: how many octets it takes, or what is wrong with it.
//
// The one place that knows each kind's layout; `check_rdata`, `names_of`, comparison and printing walk by it. Pure.
#pragma once

#include "zone/rr/rdata.h"
#include "zone/rr/table.h"

namespace dns {

// Octets of the field of `kind` that begins at `at` (<= rdata.size()), its values checked. Kinds that reach to the end
// of the RDATA return all that is left.
Result<std::size_t, RdataError> measure_field(FieldKind kind, Bytes rdata, std::size_t at);

// As above for an RDATA that is known to be well-formed: no checks, a few instructions for all but odd kinds.
std::size_t trusted_size(FieldKind kind, Bytes rdata, std::size_t at);

// The rule across fields of a type's row, for an RDATA whose fields are each well-formed.
Result<void, RdataError> check_rule(RdataCheck check, Bytes rdata);

// Octets that a digest must have, 0 where the type is not known to this library.
std::size_t digest_size(std::uint8_t digest_type);            // DS and its kin (RFC 4034, 4509, 6605, 9558, 9563)
std::size_t fingerprint_size(std::uint8_t fingerprint_type);  // SSHFP (RFC 4255, 6594)
std::size_t zone_digest_size(std::uint8_t algorithm);         // ZONEMD (RFC 8976)
inline constexpr std::size_t kMinZoneDigest = 12;             // RFC 8976 2.2.4

}  // namespace dns
