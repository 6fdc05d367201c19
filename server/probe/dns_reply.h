// A DNS question as a probe asks it, and what its answer says. Pure.
#pragma once

#include <vector>

#include "server/probe/result.h"
#include "zone/message/message.h"
#include "zone/name/name.h"

namespace server {

struct DnsProbeQuestion {
  std::uint16_t id = 0;  // random: with the connected socket's port, what others must guess
  dns::Name name;
  dns::Type type{};
};

// Without EDNS and without RD: any server answers that.
std::vector<std::uint8_t> encode(const DnsProbeQuestion& question);

// Nothing where the octets are not the answer to that question: another id, QR clear, another question. Else ok where
// the rcode is in `expect` (empty: NOERROR). A truncated answer counts: the server lives, and has said its rcode.
std::optional<ProbeResult> evaluate_dns_reply(dns::Bytes packet, const DnsProbeQuestion& question,
                                              const std::vector<std::uint16_t>& expect);

}  // namespace server
