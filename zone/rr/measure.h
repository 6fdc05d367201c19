// One field of RDATA in wire form: its size, or the error in it.
//
// Only this module knows the layout of each field kind; `check_rdata`, `names_of`, comparison and printing use it.
// Pure.
#pragma once

#include "zone/rr/rdata.h"
#include "zone/rr/table.h"

namespace dns {

// The size in octets of the field of `kind` that begins at `at` (<= rdata.size()); checks its value. Kinds that reach
// to the end of the RDATA return the rest.
Result<std::size_t, RdataError> measure_field(FieldKind kind, Bytes rdata, std::size_t at);

// The same for RDATA that is known to be well-formed: no checks, a few instructions for most kinds.
std::size_t trusted_size(FieldKind kind, Bytes rdata, std::size_t at);

// The rule across fields in the table row of a type, for RDATA whose fields are well-formed.
Result<void, RdataError> check_rule(RdataCheck check, Bytes rdata);

// The length that a digest must have; 0 if this library does not know the type.
std::size_t digest_size(std::uint8_t digest_type);            // DS and its kin (RFC 4034, 4509, 6605, 9558, 9563)
std::size_t fingerprint_size(std::uint8_t fingerprint_type);  // SSHFP (RFC 4255, 6594)
std::size_t zone_digest_size(std::uint8_t algorithm);         // ZONEMD (RFC 8976)
std::size_t matching_size(std::uint8_t matching_type);        // TLSA, SMIMEA (RFC 6698 2.1.3, RFC 8162 2)
std::size_t hashed_owner_size(std::uint8_t algorithm);        // NSEC3 (RFC 5155 3.1.7)
inline constexpr std::size_t kMinZoneDigest = 12;             // RFC 8976 2.2.4

}  // namespace dns
