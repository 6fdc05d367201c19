// An answer into a message: compression (RFC 1035 4.1.4), the size budget, TC only where something required was left out.
#pragma once

#include "zone/answer/answer.h"
#include "zone/message/query.h"

namespace dns {

// What goes into the OPT record of the response; `present` follows the request (RFC 6891 6.1.1).
struct ResponseEdns {
  bool present = false;
  bool dnssec_ok = false;
  std::uint8_t extended_rcode = 0;     // upper 8 bits; `render` sets it from the answer's rcode
  std::uint16_t payload = kDefaultUdpSize;
  Bytes options;                       // encoded options, copied as they are (NSID, EDE, cookie, keepalive)
};

// Writes header, question and the answer's sections into `out`, whose size is the budget (512, the client's EDNS size,
// or 65,535 on TCP). Returns the message's size: never more than the budget, never less than header, question and OPT.
std::size_t render(const Query& query, const Answer& answer, const ResponseEdns& edns, MutableBytes out);

// A response without an answer: header and as much of the question as was understood, and OPT where asked for.
std::size_t render_error(const Query& query, Bytes request, Rcode rcode, const ResponseEdns& edns, MutableBytes out);

}  // namespace dns
