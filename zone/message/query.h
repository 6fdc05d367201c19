// A request as the server first sees it: header, one question, EDNS; or how to turn it away. No allocation.
//
// The counts of the header are judged before the body is read (QUERY: QD 1, AN 0, NS 0, AR at most 2), so that work is
// bounded by what a plain query costs.
#pragma once

#include <array>

#include "zone/message/message.h"

namespace dns {

// EDNS of a request (RFC 6891). Options that we act on are kept; all others are skipped.
struct Edns {
  bool present = false;
  bool dnssec_ok = false;  // DO (RFC 3225)
  std::uint8_t version = 0;
  std::uint16_t payload = kClassicUdpSize;  // as offered, not below 512
  bool nsid = false;                        // asked for (RFC 5001)
  bool keepalive = false;                   // RFC 7828
  Bytes cookie;                             // RFC 7873, as sent; empty where none
};

struct Query {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;  // as received
  Opcode opcode{};
  Question question;             // its name is borrowed from the message
  std::size_t question_end = 0;  // offset behind the question: what an error answer echoes
  Edns edns;
};

enum class QueryVerdict : std::uint8_t {
  kAnswer,   // go on
  kDrop,     // silence: shorter than a header, or itself an answer (QR)
  kFormErr,  // header and question are echoed as far as they were understood
  kNotImp,   // an opcode that nobody has registered
  kBadVers,  // EDNS version above 0
};

struct ParsedQuery {
  QueryVerdict verdict = QueryVerdict::kDrop;
  Query query;  // what was understood; question_end 0 where the question was not
};

// Reads a request of at most 65,535 octets into `parsed`, whose former content does not matter. `bytes` outlives it.
void parse_query(Bytes bytes, ParsedQuery& parsed);
inline ParsedQuery parse_query(Bytes bytes) {
  ParsedQuery parsed;
  parse_query(bytes, parsed);
  return parsed;
}

}  // namespace dns
