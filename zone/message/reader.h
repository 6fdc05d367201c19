// Reads an untrusted message: integers, names with compression pointers, records (RFC 1035 4.1).
//
// Each read is checked against the end of the message; a failed read does not move the reader. A pointer must lead
// strictly backward: to before the start of the name and to before the pointer that led there. Therefore a name costs
// at most 127 hops and loops are impossible (RFC 1035 4.1.4 says "prior occurrence"). No allocation; a value for one
// thread.
#pragma once

#include "zone/message/message.h"

namespace dns {

enum class ReadError : std::uint8_t {
  kTruncated,    // the message ends first
  kBadLabel,     // label types 0x40 and 0x80
  kBadPointer,   // forward, to itself, or into the header
  kNameTooLong,  // more than 255 octets once expanded
};

struct Header {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  std::uint16_t questions = 0;
  std::uint16_t answers = 0, authorities = 0, additionals = 0;

  Opcode opcode() const { return static_cast<Opcode>(flags >> 11 & 0xf); }
  std::uint16_t rcode() const { return flags & 0xf; }
};

// A record in a message. `rdata` may hold compression pointers (see expand_rdata in parsed.h).
struct MessageRecord {
  Name owner;
  Type type{};
  std::uint16_t klass = 0;   // in an OPT record: the payload size
  std::uint32_t ttl = 0;     // in an OPT record: extended rcode, version and flags
  std::size_t rdata_at = 0;  // offset into the message
  Bytes rdata;
};

// True if the reply belongs to the request, which has one question: ID, QR, opcode, and the same question (RFC 5452
// 9.1). A name server that cannot parse a request may reply with an error and no question.
bool is_reply_to(Bytes request, Bytes reply);

class Reader {
 public:
  explicit Reader(Bytes message, std::size_t at = 0) : message_(message), at_(at) {}

  std::size_t at() const { return at_; }
  std::size_t left() const { return message_.size() - at_; }

  Result<Header, ReadError> header();
  Result<std::uint16_t, ReadError> u16();
  Result<std::uint32_t, ReadError> u32();
  Result<Bytes, ReadError> octets(std::size_t count);
  Result<Name, ReadError> name();       // expanded
  Result<void, ReadError> skip_name();  // up to its first pointer, which is not checked
  Result<MessageRecord, ReadError> record();

 private:
  Bytes message_;
  std::size_t at_;
};

}  // namespace dns
