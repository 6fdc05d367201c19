// Reads a message of unknown honesty: integers, names with compression pointers, records (RFC 1035 4.1).
//
// Every read is checked against the message's end; a failed read leaves the reader where it stood. A pointer must lead
// strictly backward, to before the name's own start and before the pointer that led there, so that a name costs at most
// 127 hops and no loop exists (RFC 1035 4.1.4 says "prior occurrence"). No allocation; a value of one thread.
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

// A record as it stands in a message: `rdata` may hold compression pointers (see expand_rdata in parsed.h).
struct MessageRecord {
  Name owner;
  Type type{};
  std::uint16_t klass = 0;   // of an OPT record: the payload size
  std::uint32_t ttl = 0;     // of an OPT record: extended rcode, version and flags
  std::size_t rdata_at = 0;  // offset into the message
  Bytes rdata;
};

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
  Result<void, ReadError> skip_name();  // no further than its first pointer, which is not judged
  Result<MessageRecord, ReadError> record();

 private:
  Bytes message_;
  std::size_t at_;
};

}  // namespace dns
