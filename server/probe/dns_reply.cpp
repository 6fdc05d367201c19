#include "server/probe/dns_reply.h"

#include <algorithm>
#include <array>
#include <memory>

#include "zone/field/text.h"
#include "zone/message/parsed.h"
#include "zone/message/writer.h"

namespace server {
std::vector<std::uint8_t> encode(const DnsProbeQuestion& question) {
  std::array<std::uint8_t, dns::kClassicUdpSize> buffer{};
  const auto compression = std::make_unique<dns::Compression>();
  dns::Writer writer(buffer, *compression);
  dns::require(writer.question({.name = question.name, .type = question.type}), "a question fits into every message");
  writer.finish(question.id, 0, {.questions = 1});
  return {buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(writer.size())};
}

std::optional<ProbeResult> evaluate_dns_reply(dns::Bytes packet, const DnsProbeQuestion& question,
                                              const std::vector<std::uint16_t>& expect) {
  if (!dns::is_reply_to(encode(question), packet)) return std::nullopt;
  const auto message = dns::read_message(packet);
  if (!message) return std::nullopt;
  const std::uint16_t rcode = message->rcode();
  const bool expected = expect.empty() ? rcode == 0 : std::ranges::find(expect, rcode) != expect.end();
  return ProbeResult{.outcome = expected ? Outcome::kOk : Outcome::kFailed,
                     .measurements = {},
                     .detail = std::string(dns::to_text(static_cast<dns::Rcode>(rcode)))};
}

}  // namespace server
