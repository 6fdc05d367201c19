// The answer to a question, before it is written as a message (RFC 1034 4.3.2 with 2181, 2308, 4592, 6672, 8020, 9471).
//
// `solve` runs the algorithm once and fills an `Answer`: flags, rcode and a bounded list of references into the
// snapshot. `render` (render.h) writes the answer into a message. A worker reuses one `Answer` for all queries: it
// holds the buffers for synthesised records, and `clear` only resets its counts. An `Answer` is valid as long as the
// snapshot and the question are.
#pragma once

#include <array>

#include "zone/answer/lookup.h"
#include "zone/answer/trace.h"
#include "zone/message/message.h"
#include "zone/snapshot/client_choice.h"

namespace dns {

inline constexpr std::size_t kMaxChain = 16;        // CNAME and DNAME steps of one answer
inline constexpr std::size_t kMaxAnswerSets = 256;  // RRsets of one answer
// NSEC records of one answer: one for each wildcard in the chain, and three for the last name.
inline constexpr std::size_t kMaxProofs = kMaxChain + 3;

struct AnswerRrset {
  Section section{};
  NameView owner;
  RrsetView set;
  // As sent: the TTL of the RRset. For the SOA of a negative answer: the lesser of that TTL and MINIMUM (RFC 2308 5).
  std::uint32_t ttl = 0;
  enum class Need : std::uint8_t {
    kRequired,  // if it does not fit, TC is set
    kGlue,      // in-domain glue of a referral: if not all of it fits, TC is set (RFC 9471)
    kOptional,  // if it does not fit, it is left out without TC
  } need = Need::kRequired;
};

struct Answer {
  Rcode rcode = Rcode::NOERROR;
  bool authoritative = false;
  bool incomplete = false;  // more than kMaxAnswerSets required RRsets: TC is set
  std::size_t count = 0;
  std::array<AnswerRrset, kMaxAnswerSets> sets;
  const Zone* zone = nullptr;  // the zone of the question itself, not of a later name of the chain
  ExtendedError extended_error = ExtendedError::kNone;

  // Buffers for synthesised CNAMEs (DNAME, RFC 6672 3.1).
  struct Synthesised {
    std::array<std::uint8_t, 2 + kMaxName> packed;
    NameView target() const { return NameView::trusted(packed.data() + 2, load16(packed.data())); }
  };
  std::array<Synthesised, kMaxChain> synthesised;
  std::size_t synthesised_count = 0;

  // Buffers for owners of NSEC records that are neither the name of the question nor a part of it.
  std::array<Name, kMaxProofs> proof_owners;
  std::size_t proof_count = 0;

  Answer() { clear(); }
  Answer(const Answer&) = delete;  // its RRsets point into its own buffers
  Answer& operator=(const Answer&) = delete;

  void clear();
  void add(const AnswerRrset& set);
};

struct SolveOptions {
  bool dnssec_ok = false;              // DO (RFC 3225)
  const ClientInfo* client = nullptr;  // selects among RRsets that depend on the client; null: as in a zone transfer
};

// The answer to `question` (class IN) from `snapshot`. No allocation, no exceptions; at most kMaxChain descents. A zone
// without records is a configured zone that could not be loaded: SERVFAIL.
void solve(const Snapshot& snapshot, const Question& question, const SolveOptions& options, Answer& answer);

// The same for a caller that has looked up the name of the question already.
void solve(const Snapshot& snapshot, const Question& question, const ZoneLookup& first, const SolveOptions& options,
           Answer& answer);

// The same, and records each step in `trace`. Both variants are one template, therefore an explanation cannot differ
// from the answer.
void solve(const Snapshot& snapshot, const Question& question, const SolveOptions& options, Answer& answer,
           Trace& trace);

}  // namespace dns
