// A reply of many messages over one connection, as a zone transfer is (RFC 5936 2.2).
//
//     handler --Stream--> worker: next -> write -> next -> write ... the last message
//
// The worker asks for the next message when the kernel has taken the one before, so a client that does not read holds
// one message of memory and costs no work. Between two messages all other clients have their turn. The stream ends with
// its last message, with an error, or with the connection; then the worker destroys it. All calls are on the worker's
// thread: an object that other threads share has its own locks. A message should take less than a millisecond.
#pragma once

#include <cstdint>
#include <memory>

#include "zone/base/bytes.h"

namespace server {

class TsigSession;

class ReplyStream {
 public:
  virtual ~ReplyStream() = default;

  struct Message {
    enum class Kind : std::uint8_t {
      kMore,  // others follow
      kLast,
      kFailed,  // there is no message: the connection is closed, so the client knows that the reply is not complete
    } kind = Kind::kFailed;
    std::size_t size = 0;  // octets in `out`
  };
  // Writes the next message into `out`; its size is the limit.
  virtual Message next(dns::MutableBytes out) = 0;
};

// The same stream with TSIG: each message is signed (RFC 8945 5.3.1). `session` has verified the request.
std::unique_ptr<ReplyStream> sign_stream(std::unique_ptr<ReplyStream> stream, const TsigSession& session);

}  // namespace server
