// The steps of the algorithm that led to an answer, as data. `to_text` makes the text.
#pragma once

#include <string>
#include <vector>

#include "zone/name/name.h"
#include "zone/rr/type.h"

namespace dns {

enum class Step : std::uint8_t {
  kZone,                  // at: apex of the zone that answers
  kNotServed,             // the server has no zone for the name: REFUSED
  kNotLoaded,             // the zone is configured but could not be loaded: SERVFAIL
  kParentForDs,           // the parent answers for DS at a cut
  kClosestEncloser,       // at: closest encloser, which owns records
  kClosestEncloserEmpty,  // at: closest encloser, an empty non-terminal
  kAnswer,                // at: the name; the type exists
  kClientChoice,          // choice: which address set this client gets instead of the RRset in the zone
  kNoData,                // the name exists, the type does not
  kEmptyNonTerminal,      // the name owns no records; names below it do
  kWildcard,              // at: the wildcard that covers the name
  kNoWildcard,            // at: the wildcard that would cover the name; it does not exist
  kDelegation,            // at: the delegation above or at the name
  kCname,                 // at: target of the CNAME
  kDname,                 // at: owner of the DNAME
  kDnameTooLong,          // the substituted name is longer than 255 octets: YXDOMAIN
  kTargetNotServed,       // at: target of a chain for which the server has no zone; the client resolves it elsewhere
  kLoop,                  // the chain returned to an earlier name
  kChainTooLong,          // kMaxChain steps were taken
  kAny,                   // ANY answered with one RRset (RFC 8482)
  kNxdomain,              // NXDOMAIN with the SOA
};

// The variant of a client choice (zone/snapshot/client_choice.h) that was chosen, and the view.
struct TraceChoice {
  std::string view{};     // empty: no view
  bool answered = false;  // false: the view has no address for this name
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

// "zone example. / closest encloser example. / wildcard *.example. / answer A"
std::string to_text(const Trace& trace);

}  // namespace dns
