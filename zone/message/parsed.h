// A whole message parsed into owned values, for tools, tests and code that receives answers. It allocates: not for the
// query path.
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
  std::size_t trailing = 0;                           // number of octets behind the last record

  const std::vector<ParsedRecord>& section(Section which) const { return sections[static_cast<std::size_t>(which)]; }
  const ParsedRecord* opt() const;  // null if there is none
  std::uint16_t rcode() const;      // with the upper bits from the OPT record
};

Result<ParsedMessage, ReadError> read_message(Bytes message);

// Expands the names in RDATA, for types whose names senders compress or once did (RFC 1035, RFC 3597 4).
Result<std::vector<std::uint8_t>, ReadError> expand_rdata(Bytes message, const MessageRecord& record);

}  // namespace dns
