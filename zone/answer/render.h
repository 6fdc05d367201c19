// An answer into a message: compression (RFC 1035 4.1.4), the size budget, TC only where something required was left
// out.
//
// Sets go in whole or not at all (RFC 2181 9). A required set that does not fit ends the message with TC; glue below a
// cut that does not fit sets TC and what is smaller may still go in (RFC 9471); what is optional is left out in
// silence. No allocation. This is the one writer of answers in the general form: whatever is kept ready-made must equal
// its octets.
#pragma once

#include "zone/answer/answer.h"
#include "zone/message/query.h"
#include "zone/message/writer.h"

namespace dns {

// What goes into the OPT record of the response; `present` follows the request (RFC 6891 6.1.1).
struct ResponseEdns {
  bool present = false;
  bool dnssec_ok = false;
  std::uint16_t payload = kDefaultUdpSize;
  Bytes options = {};  // encoded options, copied as they are (NSID, EDE, cookie, keepalive)
};

inline constexpr std::size_t kOptSize = 11;              // octets of an OPT record without options
inline constexpr std::size_t kMaxResponseOptions = 200;  // octets: header, any question and OPT fit 512 octets together

// Writes header, question and the answer's sections into `out`, whose size is the budget (512, the client's EDNS size,
// or 65,535 on TCP). Returns the message's size: never more than the budget, never less than header, question and OPT.
std::size_t render(const Query& query, const Answer& answer, const ResponseEdns& edns, Compression& compression,
                   MutableBytes out);

// What the client's header passes on: the opcode and RD. CD is cleared as RFC 4035 3.1.6 asks of authoritative answers.
std::uint16_t response_flags(const Query& query, Rcode rcode);

// The OPT record, of kOptSize octets and the options', at `at`; `edns` is present.
void write_opt(const ResponseEdns& edns, Rcode rcode, std::uint8_t* at);

// A response without an answer: header and as much of the question as was understood, and OPT where asked for.
std::size_t render_error(const Query& query, Bytes request, Rcode rcode, const ResponseEdns& edns, MutableBytes out);

}  // namespace dns
