// Addresses that are not the same for every client: which set an asker gets in place of the one that the zone shows.
//
// Answers, alias chains, wildcards and the additional section all go through here, so that no way leads around a view.
// A name without choices costs a test of its node's marks, which the descent has brought along.
#pragma once

#include <optional>

#include "zone/snapshot/choice.h"
#include "zone/snapshot/zone.h"

namespace dns {

// What is picked in place of `node`'s set of `type`; nothing where everybody gets that set: nobody manages it, or there is
// no asker (a transfer, an explanation for nobody in particular).
std::optional<Picked> picked_of(const NodeView& node, Type type, const Asker* asker);

// The set of `type` that is given; nothing: NODATA. Where a set is picked, the one that it stands for is not looked at.
inline std::optional<RrsetView> given_of(const NodeView& node, Type type, const Asker* asker) {
  if (node.has_choices()) [[unlikely]]
    if (const auto picked = picked_of(node, type, asker)) return picked->set.empty() ? std::nullopt : std::optional(picked->set);
  return node.find(type);
}

// The signatures of what is given in place of `node`'s set. A picked set has no signatures of its own: those of the zone's
// set are right where both hold the same records (a lower TTL is as well signed, RFC 4035 5.3.3), and wrong elsewhere.
std::optional<RrsetView> signatures_of_given(const NodeView& node, const RrsetView& given);

}  // namespace dns
