// A change to a zone. File reload, transfer, update, signing and failover all produce this type.
//
// A change lists RRsets with their old and new content. `apply` copies only the tree paths from the root to the changed
// owners. The old version stays unchanged, so its readers can go on.
#pragma once

#include <memory>
#include <vector>

#include "zone/snapshot/zone.h"

namespace dns {

struct RrsetChange {
  Name owner;
  Type type{};
  Type covered{};  // of an RRSIG RRset and of a client choice (client_choice.h), else 0
  Rrset before;    // count 0: the RRset did not exist
  Rrset after;     // count 0: the RRset is removed

  friend bool operator==(const RrsetChange&, const RrsetChange&) = default;
};

struct Change {
  Name apex;
  std::vector<RrsetChange> sets;  // canonical order of owners, then by type; each owner and type at most once
  Serial from{}, to{};            // of the version that it applies to, and of the one that it makes

  bool empty() const { return sets.empty(); }
  friend bool operator==(const Change&, const Change&) = default;
};

enum class ApplyError : std::uint8_t {
  kWrongZone,           // another apex, or an owner outside the zone
  kMismatch,            // a `before` differs from the version: the change was made against another version
  kChoiceWithoutRrset,  // a client choice without the RRset that it replaces, or for a type other than A and AAAA
};

// Returns the next version. Client choices must be as `encode` made them: validate others with `decode` first. Call
// only on the writer's thread. On error nothing is changed. (Write dns::apply: argument-dependent lookup finds
// std::apply.)
Result<std::shared_ptr<const Zone>, ApplyError> apply(const std::shared_ptr<const Zone>& zone, const Change& change);

// The change that turns `from` into `to`. Versions that share storage are compared by reference: the cost is
// proportional to the difference. Other versions cost a walk over both.
Change diff(const Zone& from, const Zone& to);

// The change that undoes `change`.
Change inverse(const Change& change);

}  // namespace dns
