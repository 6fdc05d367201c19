// The additional section: addresses of the hosts that the answer or the referral names (RFC 1034 4.3.2 step 6).
//
// Only the zone that answers is searched, not the server's other zones. A and AAAA records are always added together:
// neither address family suppresses the other.
#pragma once

#include "zone/answer/answer.h"

namespace dns {

// Which addresses of a host may be used.
enum class AddressSource : std::uint8_t { kAuthoritative, kAlsoGlue };

// The node that holds the host's addresses: the host's own node, or the wildcard that covers it. A node below a zone
// cut is used only with kAlsoGlue. `host` lies within the zone.
std::optional<NodeView> find_host_node(const Zone& zone, NameView host, AddressSource source);

// Adds the addresses of the hosts that `set`, an answer, names. Glue is used for NS only; other types use authoritative
// addresses. `owner` replaces the target "." of a SVCB or HTTPS record in ServiceMode (RFC 9460 2.5).
void add_addresses(const Zone& zone, NameView owner, const RrsetView& set, const SolveOptions& options, Answer& answer);

// Adds the addresses of the servers of the delegation at `cut`. Servers below the cut need their addresses; addresses
// of other servers in the zone are optional (RFC 9471).
void add_glue(const Zone& zone, NameView cut, const RrsetView& ns, const SolveOptions& options, Answer& answer);

}  // namespace dns
