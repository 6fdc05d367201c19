// Converts decisions to sets: the records of one name and type become one ManagedRrset with a rule for each view.
//
//     www A                 no client choice: the chosen members' addresses
//     www A, weighted       one rule: a variant for each member, slots by weight
//     www A + www A@closed  two rules; the plain set, which transfers show, is the one for clients outside every view
//
// A client outside every view never sees the answer of a view, and neither do transfers: if the record without a view
// says NODATA, or if there is none, the plain set is the zone file's. A view whose record is undecided serves all of
// its allowed members, so a client's view is known from the start. All records of a set have one TTL.
//
// The check of a configuration refuses names that can need more variants than a client choice has. A record whose
// variants do not fit serves the first of its members to everybody.
#pragma once

#include "server/steering/damping.h"
#include "server/store/overlay.h"

namespace server {

// The records of one owner and type: indices in SteeringOptions::records.
struct RecordGroup {
  std::vector<std::size_t> records;
};

// In canonical order of owners, then by type.
std::vector<RecordGroup> group_records(const SteeringOptions& options);

// Nothing if the zone file's records are to be served.
std::optional<ManagedRrset> render(const SteeringOptions& options, const RecordGroup& group,
                                   const std::vector<RecordStatus>& statuses,
                                   const std::vector<std::vector<MemberStatus>>& members);

}  // namespace server
