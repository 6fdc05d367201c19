// Writes an answer into a message: name compression (RFC 1035 4.1.4), the size limit, and TC only if something required
// was left out.
//
// An RRset is written completely or not at all (RFC 2181 9). If a required RRset does not fit, the message ends there
// and TC is set. If in-domain glue does not fit, TC is set and smaller RRsets may still follow (RFC 9471). Optional
// RRsets are left out without TC. No message is larger than one over TCP: if a required RRset does not fit there, TC
// would make the client ask again for ever, and the answer is SERVFAIL without records. No allocation. This is the
// general writer of answers: prerendered and fast-path output must equal its octets.
#pragma once

#include "zone/answer/answer.h"
#include "zone/message/query.h"
#include "zone/message/writer.h"

namespace dns {

// The OPT record of the response. `present` follows the request (RFC 6891 6.1.1).
struct ResponseEdns {
  bool present = false;
  bool dnssec_ok = false;
  std::uint16_t payload = kDefaultUdpSize;
  Bytes options = {};  // encoded options, copied as they are (NSID, EDE, cookie, keepalive)
};

inline constexpr std::size_t kOptSize = 11;              // octets of an OPT record without options
inline constexpr std::size_t kMaxResponseOptions = 200;  // octets; header, longest question and OPT then fit 512

// Writes header, question and the sections of the answer into `out`. The size of `out` is the limit: 512, the client's
// EDNS size, or 65,535 on TCP. Returns the size of the message: at most the limit, at least header, question and OPT.
std::size_t render(const Query& query, const Answer& answer, const ResponseEdns& edns, Compression& compression,
                   MutableBytes out);

// The flags of a response: QR, the rcode, and from the query the opcode and RD. CD is cleared, as RFC 4035 3.1.6 asks
// of authoritative answers.
std::uint16_t response_flags(const Query& query, Rcode rcode);

// Writes the OPT record at `at`: kOptSize octets and the options. `edns.present` is true.
void write_opt(const ResponseEdns& edns, Rcode rcode, std::uint8_t* at);

// A response without an answer: the header, the question if it could be parsed, and OPT if `edns.present`. It copies
// both from `request`.
std::size_t render_error(const Query& query, Bytes request, Rcode rcode, const ResponseEdns& edns, MutableBytes out);

}  // namespace dns
