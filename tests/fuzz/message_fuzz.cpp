// Any octets as a request to a responder with zones of every kind of node, and with a key for signatures. The reply is
// within its size limit, can be parsed, and has QR set and the request's ID. A response gets no reply. The first octet
// selects the transport and so the size limit.
#include <cstdint>
#include <memory>
#include <vector>

#include "server/query/responder.h"
#include "tests/support/all_kinds.h"
#include "tests/support/keys.h"
#include "zone/message/parsed.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto snapshot = dns::test::all_kinds()->with(
      {}, {}, nullptr,
      std::make_shared<const dns::ZonePolicies>(std::vector<std::pair<dns::Name, dns::ZonePolicies::Policy>>(), nullptr,
                                                server::test::ring_of({server::test::key_of("key.example.")})));
  static server::Counters counters;
  static server::Responder responder({.udp_size_max = 1232, .version = "v", .identity = "i", .nsid = "n"}, counters);
  static std::vector<std::uint8_t> buffer(dns::kMaxMessage);
  if (size == 0) return 0;

  server::Inbound inbound;
  inbound.bytes = dns::Bytes(data + 1, size - 1);
  inbound.transport = (data[0] & 1) != 0 ? &server::Transport::kTcp : &server::Transport::kUdp;
  const std::size_t budget = inbound.transport == &server::Transport::kTcp ? dns::kMaxMessage : 1232;
  const dns::Bytes reply = dns::Bytes(buffer).first(responder.respond(inbound, *snapshot, buffer));
  const bool request = inbound.bytes.size() >= dns::kHeaderSize && (inbound.bytes[2] & 0x80) == 0;
  dns::require(request == !reply.empty(), "a request gets a reply, a response gets none");
  if (reply.empty()) return 0;
  dns::require(reply.size() <= budget, "a reply is within its size limit");
  dns::require(dns::load16(reply.data()) == dns::load16(inbound.bytes.data()), "a reply has its request's ID");
  const auto message = dns::read_message(reply);
  dns::require(message.has_value() && message->trailing == 0, "a reply can be parsed to its end");
  dns::require((message->header.flags & dns::Flag::kQr) != 0, "a reply has QR set");
  return 0;
}
