// The first step after parsing: an ordered list of stages. Each looks at a parsed request and lets it pass, answers it
// with an error, or drops it.
//
// The order is by cost, cheapest first, and the first stage that does not let the request pass decides. Pure functions
// of the request: no stage has state, allocates or logs. What depends on the client, on the zone or on earlier requests
// is a filter (filter.h).
#pragma once

#include "zone/message/query.h"

namespace server {

struct Disposition {
  enum class Kind : std::uint8_t {
    kAnswer,  // QUERY in class IN, or ANY: from the zones
    kHandle,  // by the handler of the opcode, which needs the zone of the name
    kChaos,   // QUERY in class CH: by the handler; it is about this server
    kError,   // with `rcode`
    kDrop,    // no reply
    kSigned,  // by what its signature says, and then by the disposition without it
  } kind = Kind::kAnswer;
  dns::Rcode rcode = dns::Rcode::NOERROR;
  dns::ExtendedError extended_error = dns::ExtendedError::kNone;  // with kError

  // Whether the zone of the name in the question is looked up.
  bool needs_zone() const { return kind == Kind::kAnswer || kind == Kind::kHandle; }
};

inline bool is_transfer(const dns::Query& query) {
  return query.opcode == dns::Opcode::QUERY &&
         (query.question.type == dns::Type::AXFR || query.question.type == dns::Type::IXFR);
}

// The result of all stages.
Disposition classify_by_stages(const dns::ParsedQuery& parsed);

// True for nearly all requests: they pass all stages.
inline bool passes_all_stages(const dns::ParsedQuery& parsed) {
  const dns::Question& question = parsed.query.question;
  return parsed.verdict == dns::QueryVerdict::kAnswer && question.klass == dns::Class::IN &&
         !dns::is_meta(question.type);
}

inline Disposition classify(const dns::ParsedQuery& parsed) {
  return passes_all_stages(parsed) ? Disposition{} : classify_by_stages(parsed);
}

}  // namespace server
