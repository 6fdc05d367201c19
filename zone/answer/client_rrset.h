// RRsets that depend on the client: which address set a client gets instead of the RRset in the zone.
//
// Answers, CNAME chains, wildcards and the additional section all call these functions, so that no answer bypasses a
// view. For a name without client choices the cost is one test of the node's marks, which the descent has already read.
#pragma once

#include <optional>

#include "zone/snapshot/client_choice.h"
#include "zone/snapshot/zone.h"

namespace dns {

// The set that this client gets instead of the RRset of `type` at `node`. Nothing if all clients get the RRset of the
// zone: the name has no client choices, or `client` is null (a zone transfer, an explanation without a client).
std::optional<ChosenRrset> choose_for_client(const NodeView& node, Type type, const ClientInfo* client);

// The RRset of `type` that the client gets; nothing means NODATA. A set that was chosen for the client replaces the
// RRset of the zone completely.
inline std::optional<RrsetView> rrset_for_client(const NodeView& node, Type type, const ClientInfo* client) {
  if (node.has_client_choices()) [[unlikely]]
    if (const auto chosen = choose_for_client(node, type, client))
      return chosen->set.empty() ? std::nullopt : std::optional(chosen->set);
  return node.find(type);
}

// The signatures of `given`, the RRset that the client gets. A set that was chosen for the client has no signatures of
// its own. The signatures of the zone's RRset are valid for it only if both have the same records; a lower TTL does not
// invalidate them (RFC 4035 5.3.3). In all other cases there are no signatures.
std::optional<RrsetView> signatures_for_client(const NodeView& node, const RrsetView& given);

}  // namespace dns
