// RDATA in wire form: validity, the names in it, and comparison. Driven by the type table.
//
// Names inside RDATA are uncompressed here. A type without a row in the table is opaque (RFC 3597): any octets are
// valid, it has no names, and it is compared octet by octet.
#pragma once

#include <optional>

#include "zone/base/result.h"
#include "zone/name/name.h"
#include "zone/rr/type.h"

namespace dns {

inline constexpr std::size_t kMaxRdata = 65535;

enum class RdataErrorKind : std::uint8_t { kTooShort, kTrailing, kBadName, kBadValue };

struct RdataError {
  RdataErrorKind error;
  std::size_t offset;  // into the RDATA

  friend bool operator==(const RdataError&, const RdataError&) = default;
};

// Checks that `rdata` is well-formed RDATA of `type`: each field present, names complete, nothing left over, values in
// range.
Result<void, RdataError> check_rdata(Type type, Bytes rdata);

// Canonical order of two RDATA of one type (RFC 4034 6.3): octets, with names folded in the types that RFC 4034 6.2 and
// RFC 6840 5.1 list. Negative, zero or positive. Zero means the same record (RFC 2181 5).
int compare_rdata(Type type, Bytes a, Bytes b);

// The names in RDATA, in order. `compressible` only for the types of RFC 1035 (RFC 3597 4).
struct RdataNames {
  struct Place {
    std::uint16_t offset;
    std::uint16_t size;
  };
  std::array<Place, 2> at{};  // no type that answering looks into has more than two
  std::uint8_t count = 0;
  bool compressible = false;
};
RdataNames names_of(Type type, Bytes rdata);

// True if RDATA of `type` may hold names that are compressed in messages. RDATA of other types is copied whole.
bool has_compressible_names(Type type);

// The host whose addresses belong in the additional section (RFC 1035 3.3, 2782, 9460): NS, MX, SRV, SVCB, HTTPS,
// AFSDB, RT, KX. Nothing for other types and for the root as target. In SVCB and HTTPS in ServiceMode the target "."
// means the owner; the caller handles that.
std::optional<NameView> additional_target(Type type, Bytes rdata);

struct Soa {
  NameView mname, rname;
  std::uint32_t serial, refresh, retry, expire, minimum;
};
// The fields of a well-formed SOA RDATA.
Soa read_soa(Bytes rdata);

}  // namespace dns
