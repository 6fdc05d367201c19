// Addresses that are not the same for every client: which set a client gets in place of the one that the zone shows.
//
// Answers, alias chains, wildcards and the additional section all go through here, so that no way leads around a view.
// A name without choices costs a test of its node's marks, which the descent has brought along.
#pragma once

#include <optional>

#include "zone/snapshot/client_choice.h"
#include "zone/snapshot/zone.h"

namespace dns {

// What is chosen in place of `node`'s set of `type`; nothing where everybody gets that set: nobody manages it, or there
// is no client (a transfer, an explanation for nobody in particular).
std::optional<ChosenRrset> choose_for_client(const NodeView& node, Type type, const ClientInfo* client);

// The set of `type` that is given; nothing: NODATA. Where a set is chosen, the one that it stands for is not looked at.
inline std::optional<RrsetView> rrset_for_client(const NodeView& node, Type type, const ClientInfo* client) {
  if (node.has_client_choices()) [[unlikely]]
    if (const auto chosen = choose_for_client(node, type, client))
      return chosen->set.empty() ? std::nullopt : std::optional(chosen->set);
  return node.find(type);
}

// The signatures of what is given in place of `node`'s set. A chosen set has no signatures of its own: those of the
// zone's set are right where both hold the same records (a lower TTL is as well signed, RFC 4035 5.3.3), and wrong
// elsewhere.
std::optional<RrsetView> signatures_for_client(const NodeView& node, const RrsetView& given);

}  // namespace dns
