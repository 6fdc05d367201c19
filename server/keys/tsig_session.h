// The signatures of one exchange at the server: of a request, and of its reply or of the messages of its reply.
//
//     request --verify--> kVerified   the reply is signed
//                         kRejected   NOTAUTH with an error: BADKEY, BADSIG (not signed), BADTIME, BADTRUNC (signed)
//                         kMalformed  FORMERR: a MAC of an impossible size
//
// The checks are in the order of RFC 8945 5.2: key, MAC, time, truncation. This server accepts only complete MACs; of
// others, a right one gets BADTRUNC, and one that is shorter than half of a MAC or 10 octets gets FORMERR (RFC 8945
// 5.2.2.1). The time of a request may differ by its fudge, but by no more than 300 seconds: the sender chooses the
// fudge, and must not choose for how long its request can be repeated.
//
// A value for one thread at a time. A MAC is an allocation of OpenSSL; requests without TSIG never come here.
#pragma once

#include <array>
#include <memory>

#include "zone/message/tsig.h"

namespace server {

// Seconds since 1970. Any thread.
using UnixClock = std::uint64_t (*)();
std::uint64_t unix_time();  // from the system's clock

// A copy of a MAC, without allocation.
struct KeptMac {
  std::array<std::uint8_t, dns::kMaxMac> octets{};
  std::size_t size = 0;

  dns::Bytes bytes() const { return dns::Bytes(octets).first(size); }
};

// What else a MAC covers than the message.
enum class TsigCover : std::uint8_t {
  kVariables,  // of a request, of a reply, and of the first message of a stream
  kTimers,     // of later messages of a stream (RFC 8945 5.3.1)
};

// Whether the times differ by at most `fudge`, and by at most kTsigFudge seconds.
bool is_in_time(std::uint64_t now, const dns::TsigRecord& record);

// Compares two MACs in constant time; `received` may be shorter.
bool is_same_mac(dns::Bytes received, dns::Bytes computed);

class TsigSession {
 public:
  enum class Verdict : std::uint8_t { kVerified, kRejected, kMalformed };

  // `at`: the place of the TSIG record, as find_tsig says. `keys` may be null: none is known.
  Verdict verify(std::shared_ptr<const dns::TsigKeys> keys, dns::Bytes request, std::size_t at, UnixClock clock);

  // The verified key; null if the request was not verified.
  const dns::TsigKey* key() const { return error_ == dns::TsigError::kNone ? key_ : nullptr; }
  dns::TsigError error() const { return error_; }

  // Octets that `sign` appends to a message.
  std::size_t reserve() const;
  // Appends the TSIG record to the message of `size` octets in `out`, which has room for reserve() more. Each further
  // call signs the next message of a stream. Returns the new size; 0 if OpenSSL has no memory.
  std::size_t sign(dns::MutableBytes out, std::size_t size);

 private:
  bool is_signed() const;
  dns::TsigRecord record_of_reply() const;

  UnixClock clock_ = unix_time;
  std::shared_ptr<const dns::TsigKeys> keys_;  // shared: a reply may leave later than its snapshot
  const dns::TsigKey* key_ = nullptr;          // of keys_
  dns::Name name_, algorithm_;                 // of the request
  std::uint64_t time_ = 0;
  std::uint16_t fudge_ = 0;
  dns::TsigError error_ = dns::TsigError::kNone;
  KeptMac prior_;  // of the request, then of the last message
  TsigCover cover_ = TsigCover::kVariables;
};

}  // namespace server
