// Parses a request: header, one question, EDNS; or the reason to refuse it. No allocation.
//
// The counts in the header are checked before the body is read (QUERY: QD 1, AN 0, NS 0, AR at most 2). The work is
// therefore bounded by the cost of a normal query.
#pragma once

#include <array>

#include "zone/message/tsig.h"

namespace dns {

// EDNS of a request (RFC 6891). Options that the server supports are kept; all others are skipped.
struct Edns {
  bool present = false;
  bool dnssec_ok = false;  // DO (RFC 3225)
  std::uint8_t version = 0;
  std::uint16_t payload = kClassicUdpSize;  // as offered by the client, at least 512
  bool nsid = false;                        // NSID was requested (RFC 5001)
  bool keepalive = false;                   // RFC 7828
  Bytes cookie;                             // RFC 7873, as sent; empty if none
};

struct Query {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;  // as received
  Opcode opcode{};
  Question question;             // the name is borrowed from the message
  std::size_t question_end = 0;  // offset behind the question; an error response echoes the octets before it
  Edns edns;
};

enum class QueryVerdict : std::uint8_t {
  kAnswer,   // answer the query
  kDrop,     // no response: shorter than a header, or itself a response (QR)
  kFormErr,  // echo the header, and the question if it could be parsed
  kNotImp,   // the opcode is not QUERY
  kBadVers,  // EDNS version above 0
  kSigned,   // it has a TSIG record: verify it first, then go on with `signed_verdict`
};

struct ParsedQuery {
  QueryVerdict verdict = QueryVerdict::kDrop;
  Query query;  // the parsed parts; question_end is 0 if the question could not be parsed
  // With kSigned and kNotImp:
  QueryVerdict signed_verdict{};  // the verdict without the signature
  TsigSearch tsig;
};

// For opcodes whose first section has one entry, a zone (RFC 1996 3.7, RFC 2136 2.3): reads it as the question, and
// EDNS from the additional section. O(records). The result is kAnswer, kBadVers, or kFormErr: another number of
// entries, or a damaged message; `query` then has no EDNS, and no question if that is damaged.
QueryVerdict read_zone_section(Bytes message, Query& query);

// Parses a request of at most 65,535 octets into `parsed` and overwrites its old content. `bytes` must outlive it.
void parse_query(Bytes bytes, ParsedQuery& parsed);
inline ParsedQuery parse_query(Bytes bytes) {
  ParsedQuery parsed;
  parse_query(bytes, parsed);
  return parsed;
}

}  // namespace dns
