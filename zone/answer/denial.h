// Proofs for DO=1 from zones that carry NSEC records (RFC 4035 3.1.3): which NSEC records go with an answer.
//
// A zone without an NSEC record at its apex gets none. Proofs from NSEC3 chains are not made here.
#pragma once

#include "zone/answer/answer.h"

namespace dns {

bool has_nsec(const Zone& zone);

// The NSEC of `node`, which exists: the type asked for does not, or a delegation has no DS.
void add_nsec_of(const NodeView& node, NameView owner, Answer& answer);

// The NSEC that spans `name`, which owns nothing.
void add_nsec_over(const Zone& zone, NameView name, Answer& answer);

// The NSEC that spans the wildcard below `encloser`.
void add_nsec_over_wildcard(const Zone& zone, NameView encloser, Answer& answer);

// The NSEC of the wildcard itself, which exists without the type asked for.
void add_nsec_of_wildcard(const NodeView& wildcard, Answer& answer);

}  // namespace dns
