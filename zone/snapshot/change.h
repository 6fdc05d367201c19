// What alters a zone: file reload, transfer, update, signing and failover all produce this one type.
//
// A change names RRsets as they were and as they shall be. `apply` copies only the paths from the root to the owners it
// touches; the old version stays as it was for whoever still reads it.
#pragma once

#include <memory>
#include <vector>

#include "zone/snapshot/zone.h"

namespace dns {

struct SetChange {
  Name owner;
  Type type{};
  Type covered{};  // of an RRSIG set and of a choice (client_choice.h), else 0
  Rrset before;    // count 0: there was none
  Rrset after;     // count 0: there shall be none

  friend bool operator==(const SetChange&, const SetChange&) = default;
};

struct Change {
  Name apex;
  std::vector<SetChange> sets;  // canonical order of owners, then by type; an owner and type at most once

  bool empty() const { return sets.empty(); }
  friend bool operator==(const Change&, const Change&) = default;
};

enum class ApplyError : std::uint8_t {
  kWrongZone,           // another apex, or an owner outside it
  kMismatch,            // a `before` is not what the version holds: the change was made against another version
  kChoiceWithoutRrset,  // a choice would stand without the set that it is chosen in place of, or is none of addresses
};

// The next version. A choice is trusted to be as `encode` made it: whoever read it from elsewhere decodes it first.
// Writer's thread only; on error nothing is altered. (Write dns::apply: std has one that a call finds as well.)
Result<std::shared_ptr<const Zone>, ApplyError> apply(const std::shared_ptr<const Zone>& zone, const Change& change);

// The change that turns `from` into `to`. Versions that share storage are compared by reference and cost what differs;
// others cost a walk over both.
Change diff(const Zone& from, const Zone& to);

// The change that undoes `change`.
Change inverse(const Change& change);

}  // namespace dns
