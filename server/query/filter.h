// The filter: an ordered list of stages. Each looks at a parsed request and lets it pass, answers it with an error, or
// drops it.
//
// The order is by cost, cheapest first, and the first stage that does not let the request pass decides. Future stages
// have their places: cookies (RFC 7873) and the access list after `check_message`, because they use its result; then
// rate limiting, because a valid cookie exempts from it; then the class and the type. Pure functions of the request: no
// stage has state, allocates or logs.
#pragma once

#include <span>

#include "zone/message/query.h"

namespace server {

struct Disposition {
  enum class Kind : std::uint8_t {
    kAnswer,  // class IN, or ANY: from the zones
    kChaos,   // class CH: about this server
    kError,   // with `rcode`
    kDrop,    // no reply
  } kind = Kind::kAnswer;
  dns::Rcode rcode = dns::Rcode::NOERROR;
  std::uint16_t extended_error = 0;  // RFC 8914 INFO-CODE plus one; 0: none
};

// The result of all stages.
Disposition classify_by_stages(const dns::ParsedQuery& parsed);

// The same, with a short cut for nearly all requests, which pass all stages.
inline Disposition classify(const dns::ParsedQuery& parsed) {
  const dns::Question& question = parsed.query.question;
  if (parsed.verdict == dns::QueryVerdict::kAnswer && question.klass == dns::Class::IN && !dns::is_meta(question.type))
      [[likely]]
    return {};
  return classify_by_stages(parsed);
}

}  // namespace server
