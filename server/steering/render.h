// Decisions as sets: the records of one name and type become one ManagedRrset, with an arm for each view.
//
//     www A                 no choice: the chosen members' addresses
//     www A, weighted       a choice of one arm: each member a variant, slots by weight
//     www A + www A@closed  a choice of two rules; the plain set, which transfers show, is that of clients outside
//     every view
//
// Clients outside every view never see what a view is answered, and neither do transfers: where the record without a
// view says NODATA, or there is none, the plain set is left to the zone file. A view whose record is undecided is
// answered from all of its allowed members, so that which view a client is in is known from the first moment. All
// records of a set have one TTL.
#pragma once

#include "server/steering/damping.h"
#include "server/store/overlay.h"

namespace server {

// The records of one owner and type, as indices of SteeringOptions::records.
struct RecordGroup {
  std::vector<std::size_t> records;
};

// In canonical order of owners, then by type.
std::vector<RecordGroup> group_records(const SteeringOptions& options);

// Nothing where the zone file's own set is to be served.
std::optional<ManagedRrset> render(const SteeringOptions& options, const RecordGroup& group,
                                   const std::vector<RecordStatus>& statuses,
                                   const std::vector<std::vector<MemberStatus>>& members);

}  // namespace server
