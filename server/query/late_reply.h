// A request that another thread answers after the handler has returned, over UDP or TCP.
//
//     worker: handler --take--> LateRequest --(a queue of the handler's room)--> other thread: reply --> client
//
// A LateRequest owns a copy of the request. It holds one place of its worker, so their number is limited, and it is
// valid for kLateTimeout. It does not keep the client or the listener alive: if they have gone, `reply` does nothing.
// At the end of the server the handler is told (OpcodeHandler::drain), and the worker waits for its late replies as
// long as it drains. Replies to different requests may overtake each other (RFC 7766 6.2.1.1).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "server/keys/tsig_session.h"
#include "server/query/request.h"

namespace server {

inline constexpr std::chrono::milliseconds kLateTimeout{5'000};  // clients have asked again or given up by then

// The way back to one client. Destroying it gives its place back. Any thread, one at a time.
class ReplyRoute {
 public:
  virtual ~ReplyRoute() = default;
  // Sends the message. Once. False: the client or the listener has gone.
  virtual bool send(std::vector<std::uint8_t> message) = 0;
};

// Makes the routes of one worker.
class ReplyPort {
 public:
  virtual ~ReplyPort() = default;
  // The way back to the client of a request that the worker answers just now. Null: there is no place. On the worker's
  // thread.
  virtual std::unique_ptr<ReplyRoute> route(const Inbound& inbound) = 0;
};

class LateRequest {
 public:
  LateRequest(const RequestView& request, std::unique_ptr<ReplyRoute> route);

  dns::Bytes octets() const { return octets_; }
  const Endpoint& client() const { return client_; }
  const Transport& transport() const { return *transport_; }
  // The key that signed the request; the root without one. The reply is signed with it.
  dns::NameView key() const { return key_; }
  // The largest reply, in octets.
  std::size_t reply_max() const { return reply_max_; }
  bool is_expired() const;

  // Sends a whole message of at most reply_max() octets. Any thread, once. False: it was not sent, because the request
  // has expired, or because its client or the listener has gone.
  bool reply(std::vector<std::uint8_t> message);

 private:
  std::vector<std::uint8_t> octets_;
  Endpoint client_;
  const Transport* transport_;
  dns::Name key_;
  std::size_t reply_max_;
  std::optional<TsigSession> session_;  // of a signed request
  std::chrono::steady_clock::time_point deadline_;
  std::unique_ptr<ReplyRoute> route_;  // null after the reply
};

// For handlers: takes the request, to return Later. Nothing if the worker has no place for it.
std::optional<LateRequest> take_request(const RequestView& request);

}  // namespace server
