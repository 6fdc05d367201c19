// Any octets as a STAMP packet to a reflector and to a sender. A reflection is as large as its request. Only the sender
// of this request accepts it, and no reflector reflects it again.
#include "server/probe/stamp.h"
#include "zone/base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const dns::Bytes packet(data, size);
  const server::Reflection reflection{.received = 5ULL << 32, .sent = 6ULL << 32, .sender_ttl = 255};
  const auto reply = server::reflect(packet, reflection);
  const server::StampRequest request =
      size < 12 ? server::StampRequest{} : server::StampRequest{dns::load32(data), dns::load64(data + 4)};
  if (!reply.empty()) {
    dns::require(reply.size() == size, "a reflection has its request's size");
    const auto read = server::parse_stamp_reply(reply, request);
    dns::require(read && read->residence == std::chrono::seconds(1) && read->sender_ttl == 255,
                 "a sender accepts its reflection");
    dns::require(server::reflect(reply, reflection).empty(), "a reflection is not reflected");
  }
  const auto read = server::parse_stamp_reply(packet, request);
  dns::require(!read || read->residence.count() >= 0, "no residence time is negative");
  return 0;
}
