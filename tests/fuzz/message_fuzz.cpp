// Any octets as a request to a responder with zones of every kind of node, which everybody may transfer, and with a key
// for signatures. The reply is within its size limit, can be parsed, and has QR set and the request's ID; so does each
// message of a stream, and it ends. A response gets no reply. The first octet selects the transport and so the size
// limit.
#include <cstdint>
#include <memory>
#include <vector>

#include "server/query/responder.h"
#include "server/runtime/pin.h"
#include "tests/support/all_kinds.h"
#include "tests/support/keys.h"
#include "zone/message/parsed.h"

namespace {

std::shared_ptr<const dns::Snapshot> open_zones() {
  dns::AccessRule rule;
  rule.operations = 0b11;
  return dns::test::all_kinds()->with(
      {}, {}, nullptr,
      std::make_shared<const dns::ZonePolicies>(std::vector<std::pair<dns::Name, dns::ZonePolicies::Policy>>(),
                                                std::make_shared<const dns::ZonePolicy>(std::vector{rule}),
                                                server::test::ring_of({server::test::key_of("key.example.")})));
}

void check(dns::Bytes reply, dns::Bytes request, std::size_t budget) {
  dns::require(reply.size() <= budget, "a reply is within its size limit");
  dns::require(dns::load16(reply.data()) == dns::load16(request.data()), "a reply has its request's ID");
  const auto message = dns::read_message(reply);
  dns::require(message.has_value() && message->trailing == 0, "a reply can be parsed to its end");
  dns::require((message->header.flags & dns::Flag::kQr) != 0, "a reply has QR set");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Kind = server::ReplyStream::Message::Kind;
  static const auto snapshot = open_zones();
  static server::Counters counters;
  static server::Pins pins;
  static server::Responder responder({.udp_size_max = 1232, .version = "v", .identity = "i", .nsid = "n"}, counters,
                                     server::standard_tables(), {.port = nullptr, .pins = &pins});
  static std::vector<std::uint8_t> buffer(dns::kMaxMessage);
  if (size == 0) return 0;

  const bool tcp = (data[0] & 1) != 0;
  const dns::Bytes octets(data + 1, size - 1);
  const server::Transport& transport = tcp ? server::Transport::kTcp : server::Transport::kUdp;
  server::Responder::Slot slot{{.bytes = octets, .client = {}, .local = {}, .transport = &transport}, buffer};
  responder.respond({&slot, 1}, *snapshot);
  const bool request = octets.size() >= dns::kHeaderSize && (octets[2] & 0x80) == 0;
  dns::require(request == (slot.size != 0 || slot.stream != nullptr), "a request gets a reply, a response gets none");
  if (slot.size != 0) check(dns::Bytes(buffer).first(slot.size), octets, tcp ? dns::kMaxMessage : 1232);
  for (auto kind = Kind::kMore; slot.stream != nullptr && kind == Kind::kMore;) {
    const server::ReplyStream::Message message = slot.stream->next(buffer);
    kind = message.kind;
    dns::require(kind != Kind::kFailed, "a zone can be transferred");
    check(dns::Bytes(buffer).first(message.size), octets, dns::kMaxMessage);
  }
  return 0;
}
