// Decisions as sets: the answers of one name and type become one ManagedSet, with an arm for each view.
//
//     www A                 no choice: the chosen members' addresses
//     www A, weighted       a choice of one arm: each member a variant, slots by weight
//     www A + www A@closed  a choice of two rules; the plain set, which transfers show, is that of clients outside every view
//
// Clients outside every view never see what a view is answered, and neither do transfers: where the answer without a view
// says NODATA, or there is none, the plain set is left to the zone file. A view whose answer is undecided is answered from all of
// its allowed members, so that which view a client is in is known from the first moment. All records of a set have one TTL.
#pragma once

#include "server/steering/holds.h"
#include "server/store/overlay.h"

namespace server {

// The answers of one owner and type, as indices of SteeringOptions::answers.
struct AnswerGroup {
  std::vector<std::size_t> answers;
};

// In canonical order of owners, then by type.
std::vector<AnswerGroup> group_answers(const SteeringOptions& options);

// Nothing where the zone file's own set is to be served.
std::optional<ManagedSet> render(const SteeringOptions& options, const AnswerGroup& group, const std::vector<AnswerTrack>& tracks,
                                 const std::vector<std::vector<MemberStatus>>& members);

}  // namespace server
