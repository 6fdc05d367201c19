// What a zone says to a question (RFC 1034 4.3.2 with 2181, 2308, 4592, 6672, 8020, 9471): a decision, not yet a
// message.
//
// `solve` walks the algorithm once and fills an `Answer`: flags, rcode and a bounded list of references into the
// snapshot. `render` (render.h) writes it into a message. An `Answer` is reused by its worker from query to query: it
// holds room for what is synthesised, and is cleared by resetting counts. Valid while the snapshot and question are.
#pragma once

#include <array>

#include "zone/answer/lookup.h"
#include "zone/answer/trace.h"
#include "zone/message/message.h"
#include "zone/snapshot/client_choice.h"

namespace dns {

inline constexpr std::size_t kMaxChain = 16;        // CNAME and DNAME steps of one answer
inline constexpr std::size_t kMaxAnswerSets = 256;  // sets of one answer
inline constexpr std::size_t kMaxProofs =
    kMaxChain + 3;  // NSEC records of one answer: one a wildcard step, and the end's

struct AnswerSet {
  Section section{};
  NameView owner;
  RrsetView set;
  std::uint32_t ttl =
      0;  // as sent: the set's own, or for a negative answer's SOA the lesser of it and MINIMUM (RFC 2308 5)
  enum class Need : std::uint8_t {
    kRequired,  // TC where it does not fit
    kGlue,      // in-domain glue of a referral: TC where not all of it fits (RFC 9471)
    kOptional,  // left out silently where it does not fit
  } need = Need::kRequired;
};

struct Answer {
  Rcode rcode = Rcode::NOERROR;
  bool authoritative = false;
  bool incomplete = false;  // what is not optional was more than kMaxAnswerSets: TC
  std::size_t count = 0;
  std::array<AnswerSet, kMaxAnswerSets> sets;
  const Zone* zone = nullptr;        // that answered the question itself (not what its chain led to)
  std::uint16_t extended_error = 0;  // RFC 8914 INFO-CODE plus one; 0: none

  // Room for synthesised CNAMEs (DNAME, RFC 6672 3.1).
  struct Synthesised {
    std::array<std::uint8_t, 2 + kMaxName> packed;
    NameView target() const { return NameView::trusted(packed.data() + 2, load16(packed.data())); }
  };
  std::array<Synthesised, kMaxChain> synthesised;
  std::size_t synthesised_count = 0;

  // Room for owners of NSEC records that are neither the question's name nor a part of it.
  std::array<Name, kMaxProofs> proof_owners;
  std::size_t proof_count = 0;

  Answer() { clear(); }
  Answer(const Answer&) = delete;  // its sets point into itself
  Answer& operator=(const Answer&) = delete;

  void clear();
  void add(const AnswerSet& set);
};

struct SolveOptions {
  bool dnssec_ok = false;              // DO (RFC 3225)
  const ClientInfo* client = nullptr;  // for whom choices are chosen; null: for nobody, who sees what a transfer shows
};

// The answer to `question` (class IN) from `snapshot`. No allocation, no exceptions; bounded by kMaxChain descents.
// A zone without records is one that is ours and could not be loaded: SERVFAIL.
void solve(const Snapshot& snapshot, const Question& question, const SolveOptions& options, Answer& answer);

// The same where the question's start is at hand.
void solve(const Snapshot& snapshot, const Question& question, const ZoneLookup& first, const SolveOptions& options,
           Answer& answer);

// The same, with each step told to `trace`: one body of code, so that an explanation cannot differ from the answer.
void solve(const Snapshot& snapshot, const Question& question, const SolveOptions& options, Answer& answer,
           Trace& trace);

}  // namespace dns
