// What steering wants of the zones: the managed address sets, all of them, as of one generation.
//
// An Overlay is a desired state and not a list of edits: the store compares it with what is served, makes one Change a
// zone of the difference, and nothing where there is none. So decisions that come fast coalesce by themselves (the
// latest wins), a zone file that is reloaded gets the overlay applied to it before anybody sees it, and an overlay of
// an older generation than one applied is late and is refused. A set that is managed but undecided is left out: the
// zone file's own set is served.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "zone/snapshot/change.h"
#include "zone/snapshot/client_choice.h"

namespace server {

struct ManagedRrset {
  dns::Name owner;
  dns::Type type{};  // A or AAAA
  dns::Rrset set;    // what plain clients and transfers see; count 0: the zone file's own set stays
                     // for them, and `choice` is there (never an empty set without a choice)
  std::optional<dns::ClientChoice> choice;  // where clients differ

  friend bool operator==(const ManagedRrset&, const ManagedRrset&) = default;
};

// Shared by the overlays that want it, one after another: most sets are the same from one to the next, and the same
// object says so without being looked at. Never null.
using ManagedRrsetPtr = std::shared_ptr<const ManagedRrset>;

struct Overlay {
  std::uint64_t generation = 0;                 // ascending, over restarts as well
  std::vector<ManagedRrsetPtr> sets;            // canonical order of owners, then by type; each once
  std::shared_ptr<const dns::ViewTable> views;  // null: none. Shared with the snapshots
};

}  // namespace server
