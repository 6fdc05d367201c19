// The express way to an answer: for the questions that nearly all are, from the descent to octets without a list of
// sets.
//
//     plan      what kind of answer it will be, from the lookup alone; asks memory for what will be read
//     compose   the octets: header, question and body in one go, or 0: the general way (answer/solve.h, render.h) must
//
// It knows a set at a name or at the wildcard that covers it, with the addresses that belong beside it; the name or the
// set that does not exist; and the referral. All else goes the general way: aliases, DS, ANY, signatures and proofs,
// other classes, what is too large for its message. What it makes equals the general way's octets.
//
// What is ready before the question comes: a zone's SOA as it stands in negative answers (message/prerendered.h). What
// is not: referrals. A set of servers is stored once for all of its delegations, and is written from there with its
// names compressed by comparison (message_builder.h): a copy in message form would double the memory of each delegation
// with servers of its own, and go stale with each change of a glue address, which this way is read where it lies.
//
// A batch is planned before the first of it is composed, so that the memory of all is on its way at the same time.
// Pure readers: any thread, no allocation.
#pragma once

#include "zone/answer/lookup.h"
#include "zone/answer/render.h"
#include "zone/snapshot/client_choice.h"

namespace dns {

struct FastPlan {
  enum class Kind : std::uint8_t { kGeneral, kSet, kNegative, kReferral } kind = Kind::kGeneral;
  Rcode rcode = Rcode::NOERROR;
  const NodeView* node = nullptr;       // kSet, kReferral: of the lookup
  const std::uint32_t* body = nullptr;  // kSet: of the set asked for; kReferral: of the servers
};

// A question on its way.
struct FastQuery {
  const Query& query;
  const Key& key;            // of the question's name
  const ZoneLookup& lookup;  // where it begins
};

FastPlan plan_fast(const FastQuery& asked);

// Writes the answer to `request` into `out`, whose size is the budget, with `opt`, an OPT record's octets or nothing,
// at its end. Returns the message's size; 0 where the general way must be gone, whatever has been written.
std::size_t write_fast(const FastQuery& asked, const FastPlan& plan, Bytes request, const ClientInfo& client, Bytes opt,
                       MutableBytes out);

}  // namespace dns
