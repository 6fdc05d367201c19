// The filter: an ordered list of stages that each look at a parsed request and let it pass, turn it away or drop it.
//
// The order is what a request costs us, cheapest first, and the first stage that does not pass decides. Places are kept
// by order: cookies (RFC 7873) and the access list come after `check_message`, since they read what it has judged; rate
// limiting comes after them, since it spares whoever has shown a cookie; then the class and the type that we answer at
// all. Pure functions of the request: no stage holds state, allocates or logs.
#pragma once

#include <span>

#include "zone/message/query.h"

namespace server {

struct Disposition {
  enum class Kind : std::uint8_t {
    kAnswer,  // class IN, or ANY: from the zones
    kChaos,   // class CH: about this server
    kError,   // with `rcode`
    kDrop,    // silence
  } kind = Kind::kAnswer;
  dns::Rcode rcode = dns::Rcode::NOERROR;
  std::uint16_t extended_error = 0;  // RFC 8914 INFO-CODE plus one; 0: none
};

// What the stages together make of it.
Disposition classify_by_stages(const dns::ParsedQuery& parsed);

// The same; what nearly all requests are passes all stages.
inline Disposition classify(const dns::ParsedQuery& parsed) {
  const dns::Question& question = parsed.query.question;
  if (parsed.verdict == dns::QueryVerdict::kAnswer && question.klass == dns::Class::IN && !dns::is_meta(question.type))
      [[likely]]
    return {};
  return classify_by_stages(parsed);
}

}  // namespace server
