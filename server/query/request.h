// A request on its way to its reply, as filters and opcode handlers see it, and what becomes of it.
//
//     listener -> Inbound -> Responder: parse, classify, look up -> RequestView -> filters, handler -> RequestOutcome
//
// Values that borrow from the worker's buffers; they are valid for one request.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <variant>

#include "server/query/reply_stream.h"
#include "server/query/transport.h"
#include "zone/answer/lookup.h"
#include "zone/message/query.h"
#include "zone/snapshot/policy.h"

namespace server {

// The address of a client or of the server: IPv4 as four octets, IPv6 as sixteen.
struct Endpoint {
  std::array<std::uint8_t, 16> address{};
  std::uint8_t address_size = 0;  // 4 or 16
  std::uint16_t port = 0;
};

struct Inbound {
  dns::Bytes bytes;
  Endpoint client;
  Endpoint local;  // the address of the server that was asked; its port is not used
  const Transport* transport = &Transport::kUdp;
};

class Pins;
class ReplyPort;
class TsigSession;

struct RequestView {
  const Inbound& inbound;
  const dns::Query& query;  // of opcodes other than QUERY: only the header and the question, which names the zone
  const dns::Snapshot& snapshot;
  const dns::ZoneLookup* lookup;  // of the name in the question; null: nothing was looked up
  dns::Operation operation;       // what access rules are asked for
  dns::ClientInfo client;         // as client choices and access rules see it
  const dns::TsigKey* key;        // that has signed the request; null: it is not signed, or its signature is wrong
  TsigSession* session;           // of a request with a signature, right or wrong; the responder signs the reply
  ReplyPort* port;                // for late replies (late_reply.h); null: the listener has none
  Pins* pins;                     // for readers that outlive the request (runtime/pin.h); null: the listener has none
  dns::MutableBytes out;          // for the reply; its size is the limit
};

// What becomes of a request. Another outcome is another alternative here, and a function Responder::settle for it.
struct Drop {};  // no reply
struct Sent {
  std::size_t size = 0;  // octets in RequestView::out
  dns::Rcode rcode = dns::Rcode::NOERROR;
};
// Many messages. Only over connections (Transport::stream): over datagrams it is like Drop.
struct Stream {
  std::unique_ptr<ReplyStream> messages;
};
struct Later {};  // the handler has taken the request (late_reply.h), and another thread answers it
using RequestOutcome = std::variant<Drop, Sent, Stream, Later>;

}  // namespace server
