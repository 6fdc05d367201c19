// A whole message read into owned values: for tools, tests and whoever receives answers. Not for the query path: it
// allocates.
#pragma once

#include <string>
#include <vector>

#include "zone/message/reader.h"

namespace dns {

struct ParsedRecord {
  Name owner;
  Type type{};
  std::uint16_t klass = 0;
  std::uint32_t ttl = 0;
  std::vector<std::uint8_t> rdata;  // names uncompressed

  friend bool operator==(const ParsedRecord&, const ParsedRecord&) = default;
};

struct ParsedQuestion {
  Name name;
  Type type{};
  Class klass{};

  friend bool operator==(const ParsedQuestion&, const ParsedQuestion&) = default;
};

struct ParsedMessage {
  Header header;
  std::vector<ParsedQuestion> questions;
  std::array<std::vector<ParsedRecord>, 3> sections;  // by Section; OPT is among the additional records
  std::size_t trailing = 0;                           // octets behind the last record

  const std::vector<ParsedRecord>& section(Section which) const { return sections[static_cast<std::size_t>(which)]; }
  const ParsedRecord* opt() const;  // null where there is none
  std::uint16_t rcode() const;      // with the OPT record's upper bits
};

Result<ParsedMessage, ReadError> read_message(Bytes message);

// RDATA with its names expanded, for the types whose names senders compress or once did (RFC 1035, RFC 3597 4).
Result<std::vector<std::uint8_t>, ReadError> expand_rdata(Bytes message, const MessageRecord& record);

}  // namespace dns
