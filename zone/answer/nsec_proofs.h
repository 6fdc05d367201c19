// Proofs for DO=1 that something does not exist: which NSEC3 (RFC 5155 7.2) or NSEC records (RFC 4035 3.1.3) go with an
// answer.
//
// A zone with a chain of NSEC3 records that can be used proves by it, whatever NSEC records it has: the chain is whole
// where NSEC3PARAM stands (RFC 5155 10.4). Else a zone with an NSEC record at its apex proves by those. Others prove
// nothing.
#pragma once

#include "zone/answer/answer.h"

namespace dns {

bool can_prove(const Zone& zone);

// `name` exists, `node` where it owns records and null where only names below it do, and has no set of the type asked
// for; of a delegation: no DS.
void prove_nodata(const Zone& zone, const NodeView* node, NameView name, Answer& answer);

// Neither `name` exists, whose closest encloser is `encloser`, nor a wildcard below that.
void prove_nxdomain(const Zone& zone, NameView name, NameView encloser, Answer& answer);

// A wildcard below `encloser` stands for `name`: no name nearer to it exists (RFC 4035 3.1.3.3, RFC 5155 7.2.6).
void prove_wildcard(const Zone& zone, NameView name, NameView encloser, Answer& answer);

// The same, and that wildcard has no set of the type asked for. Null: only names below the wildcard own records.
void prove_wildcard_nodata(const Zone& zone, const NodeView* wildcard, NameView name, NameView encloser,
                           Answer& answer);

// Owners of NSEC3 records are no names of the zone (RFC 5155 7.2.8): alters what was found of `name` as if they were
// not there.
void ignore_nsec3_owners(const Zone& zone, NameView name, Lookup& found);

}  // namespace dns
