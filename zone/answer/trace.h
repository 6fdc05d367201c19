// Why an answer is what it is: the steps of the algorithm as data. Words are made by `to_text`.
#pragma once

#include <string>
#include <vector>

#include "zone/name/name.h"
#include "zone/rr/type.h"

namespace dns {

enum class Step : std::uint8_t {
  kZone,                  // at: apex of the zone that answers
  kNotServed,             // no zone of ours holds the name: REFUSED
  kNotLoaded,             // the zone is ours and has no data, as it could not be loaded: SERVFAIL
  kParentForDs,           // the parent answers for DS at a cut
  kClosestEncloser,       // at: closest encloser, which owns records
  kClosestEncloserEmpty,  // at: closest encloser, an empty non-terminal
  kAnswer,                // at: the name; the type exists
  kClientChoice,  // choice: which of a name's address sets this client gets in place of the one that a transfer shows
  kNoData,        // the name exists, the type does not
  kEmptyNonTerminal,  // the name exists only through names below it
  kWildcard,          // at: the wildcard that covers the name
  kNoWildcard,        // at: the wildcard that would have
  kDelegation,        // at: the delegation above or at the name
  kCname,             // at: the alias' target
  kDname,             // at: owner of the DNAME
  kDnameTooLong,      // substitution exceeds 255 octets: YXDOMAIN
  kTargetNotServed,   // at: a chain's target that no zone of ours holds: the client goes on there
  kLoop,              // the chain comes back to a name that it has passed
  kChainTooLong,      // kMaxChain steps were taken
  kAny,               // ANY answered with one set (RFC 8482)
  kNxdomain,          // NXDOMAIN with the SOA
};

// What was chosen of a Choice (zone/snapshot/client_choice.h), and for which view.
struct TraceChoice {
  std::string view{};     // empty: none
  bool answered = false;  // false: nothing is chosen for the view, which has no address then
  std::uint8_t slot = 0, variant = 0;

  friend bool operator==(const TraceChoice&, const TraceChoice&) = default;
};

struct TraceEntry {
  Step step;
  Name at;
  Type type{};
  TraceChoice choice{};

  friend bool operator==(const TraceEntry&, const TraceEntry&) = default;
};

using Trace = std::vector<TraceEntry>;

// "zone example. / encloser example. / wildcard *.example. / hit A"
std::string to_text(const Trace& trace);

}  // namespace dns
