// The failover overlay: all managed address RRsets, as decided at one generation.
//
// An Overlay is a desired state and not a list of edits. The store compares it with the served zones and makes one
// Change for each zone that differs. So only the latest of several fast decisions is applied, a reloaded zone file gets
// the overlay before it is published, and an overlay with an older generation than the applied one is refused. A
// managed RRset without a decision is left out: the zone file's own RRset is served.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "zone/rr/rrset_map.h"
#include "zone/snapshot/client_choice.h"

namespace server {

struct ManagedRrset {
  dns::Name owner;
  dns::Type type{};  // A or AAAA
  dns::Rrset set;    // for clients without a view and for transfers; count 0: they get the zone file's own RRset, and
                     // `choice` is present
  std::optional<dns::ClientChoice> choice;  // present if clients get different answers

  friend bool operator==(const ManagedRrset&, const ManagedRrset&) = default;
};

// Successive overlays share the values: most RRsets do not change from one to the next, and equal pointers show that
// without a comparison.
using ManagedRrsets = dns::RrsetMap<ManagedRrset>;
using ManagedRrsetPtr = ManagedRrsets::Value;

struct Overlay {
  std::uint64_t generation = 0;  // ascending, also across restarts
  ManagedRrsets sets;
  std::shared_ptr<const dns::ViewTable> views;                   // null: none. Shared with the snapshots
  std::optional<std::chrono::steady_clock::time_point> since{};  // what caused the decision; none: not measured
};

}  // namespace server
