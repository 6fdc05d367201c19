// The fast path: writes the most common answers directly from the lookup, without a list of RRsets.
//
//     plan_fast    the kind of answer, from the lookup alone; prefetches the memory that write_fast will read
//     write_fast   header, question and records in one pass; 0 if the general path must answer (answer/answer.h)
//
// It answers from an RRset at the name or at the wildcard that covers it, with the addresses for the additional
// section; NXDOMAIN and NODATA; and referrals; each with its signatures and proofs if the query has DO. Everything else
// takes the general path: CNAME and DNAME, questions for DS, RRSIG and ANY, proofs for wildcards, other classes, and
// answers that are too large for the message. Both paths write the same octets.
//
// The SOA of negative answers is prerendered for each zone (message/prerendered.h). Referrals are not: an NS RRset is
// stored once for all delegations that share it, and its names are compressed while it is written (message_builder.h).
// A prerendered copy would double the memory of each delegation with name servers of its own, and would become stale
// with each change of a glue address.
//
// Plan the whole batch before writing the first answer: the cache misses of all answers then overlap. Pure functions:
// any thread, no allocation.
#pragma once

#include "zone/answer/lookup.h"
#include "zone/answer/render.h"
#include "zone/snapshot/client_choice.h"

namespace dns {

struct FastPlan {
  enum class Kind : std::uint8_t { kGeneral, kSet, kNegative, kReferral } kind = Kind::kGeneral;
  Rcode rcode = Rcode::NOERROR;
  const NodeView* node = nullptr;       // that the lookup found; null for a name without records
  const std::uint32_t* body = nullptr;  // kSet: of the RRset asked for; kReferral: of the NS RRset
};

// A question and its lookup.
struct FastQuery {
  const Query& query;
  const Key& key;            // of the name in the question
  const ZoneLookup& lookup;  // of that name
};

FastPlan plan_fast(const FastQuery& asked);

// Writes the answer to `request` into `out`, whose size is the limit. `opt` is a complete OPT record or empty; it goes
// to the end of the message. Returns the size of the message, or 0 if the general path must answer; `out` may then hold
// anything.
std::size_t write_fast(const FastQuery& asked, const FastPlan& plan, Bytes request, const ClientInfo& client, Bytes opt,
                       MutableBytes out);

}  // namespace dns
