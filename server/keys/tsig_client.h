// The signatures of one exchange at the client: signs the request, and verifies the reply, or each message of a reply
// of many.
//
//     sign(request)   verify(message 1) ... verify(message n)   is_complete()
//
// Of a stream, up to 99 messages between two signed ones may be unsigned; the first and the last are signed (RFC 8945
// 5.3.1). What unsigned messages say is not to be trusted before the next signed message is verified. One thread.
#pragma once

#include <string_view>
#include <vector>

#include "server/keys/tsig_session.h"

namespace server {

inline constexpr unsigned kMaxUnsigned = 99;  // messages between two signed ones

enum class TsigFault : std::uint8_t {
  kNone,
  kUnsigned,   // no TSIG record where one is needed
  kMalformed,  // a TSIG record at the wrong place, or not a valid one
  kOtherKey,   // of another key or algorithm
  kRejected,   // the server did not accept the request: error() says why
  kWrongMac,
  kOutOfTime,  // signed too early or too late
};

// "the reply is not signed".
std::string_view describe(TsigFault fault);
// "BADKEY"; a number for other errors is not shown.
std::string_view describe(dns::TsigError error);

class TsigClient {
 public:
  // The key must stay.
  explicit TsigClient(const dns::TsigKey& key) : key_(key) {}

  // Appends the TSIG record. `now` as unix_time.
  void sign(std::vector<std::uint8_t>& request, std::uint64_t now);
  // The next message of the reply.
  TsigFault verify(dns::Bytes message, std::uint64_t now);
  // Whether the last message was signed.
  bool is_complete() const { return cover_ == TsigCover::kTimers && unsigned_ == 0; }
  // What the server says about the request, with kRejected.
  dns::TsigError error() const { return error_; }

 private:
  TsigFault verify_signed(dns::Bytes message, const dns::TsigRecord& record, std::size_t at, std::uint64_t now);
  void begin();

  const dns::TsigKey& key_;
  KeptMac prior_;
  TsigCover cover_ = TsigCover::kVariables;
  std::unique_ptr<dns::Mac> mac_;  // of the unsigned messages since the last signed one; null: there are none
  unsigned unsigned_ = 0;
  dns::TsigError error_ = dns::TsigError::kNone;
};

}  // namespace server
