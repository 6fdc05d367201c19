// Proofs of non-existence for DO=1: which NSEC3 records (RFC 5155 7.2) or NSEC records (RFC 4035 3.1.3) an answer
// carries.
//
// A zone with a usable NSEC3 chain proves with it, even if it has NSEC records as well: the chain is complete if
// NSEC3PARAM is present (RFC 5155 10.4). Otherwise a zone with an NSEC record at its apex proves with NSEC. All other
// zones prove nothing.
#pragma once

#include "zone/answer/answer.h"

namespace dns {

inline constexpr std::uint8_t kWildcardLabel[] = {1, '*'};  // "*" in wire form

bool can_prove(const Zone& zone);

// The node whose NSEC record covers the name of `key`, which owns no records; nothing if there is none.
std::optional<NodeView> find_covering_nsec(const Zone& zone, const Key& key);

// Proves NODATA: `name` exists but has no RRset of the type asked for, or a delegation has no DS. `node` is null if
// `name` is an empty non-terminal.
void prove_nodata(const Zone& zone, const NodeView* node, NameView name, Answer& answer);

// Proves NXDOMAIN: neither `name` nor a wildcard below `encloser`, its closest encloser, exists.
void prove_nxdomain(const Zone& zone, NameView name, NameView encloser, Answer& answer);

// Proves that a wildcard below `encloser` may answer for `name`: no closer match exists (RFC 4035 3.1.3.3, RFC 5155
// 7.2.6).
void prove_wildcard(const Zone& zone, NameView name, NameView encloser, Answer& answer);

// The same, and proves that the wildcard has no RRset of the type asked for. `wildcard` is null if only names below the
// wildcard own records.
void prove_wildcard_nodata(const Zone& zone, const NodeView* wildcard, NameView name, NameView encloser,
                           Answer& answer);

// Owners of NSEC3 records are not names of the zone (RFC 5155 7.2.8): changes `found`, the lookup of `name`, as if they
// did not exist.
void ignore_nsec3_owners(const Zone& zone, NameView name, Lookup& found);

}  // namespace dns
