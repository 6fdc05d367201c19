// The additional section: addresses of hosts that the answer or the referral names (RFC 1034 4.3.2 step 6).
//
// Only the zone that answers is looked into: what another zone of ours says of a host is asked there. A and AAAA are
// always looked for together: neither family suppresses the other.
#pragma once

#include "zone/answer/answer.h"

namespace dns {

// Which addresses of a host count.
enum class AddressSource : std::uint8_t { kAuthoritative, kAlsoGlue };

// The node that holds the host's addresses: its own, below a cut only as glue, or the wildcard that stands for it.
// `host` lies within the zone.
std::optional<NodeView> host_node(const Zone& zone, NameView host, AddressSource source);

// Addresses of the hosts that `set`, an answer, names. Glue counts for NS only, the rest wants authoritative addresses.
// `owner` stands for the target "." of a ServiceMode SVCB or HTTPS record (RFC 9460 2.5).
void add_addresses(const Zone& zone, NameView owner, const RrsetView& set, const SolveOptions& options, Answer& answer);

// Addresses of the servers of the delegation at `cut`: those below it are required, others in the zone optional (RFC
// 9471).
void add_glue(const Zone& zone, NameView cut, const RrsetView& ns, const SolveOptions& options, Answer& answer);

}  // namespace dns
