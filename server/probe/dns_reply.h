// The DNS query that a probe sends, and the evaluation of its reply. Pure.
#pragma once

#include <vector>

#include "server/probe/result.h"
#include "zone/message/message.h"
#include "zone/name/name.h"

namespace server {

struct DnsProbeQuestion {
  std::uint16_t id = 0;  // random: an attacker must guess it and the port of the connected socket
  dns::Name name;
  dns::Type type{};
};

// Without EDNS and without RD: every server answers such a query.
std::vector<std::uint8_t> encode(const DnsProbeQuestion& question);

// Nothing if the octets are not the reply to that query: another id, QR clear, another question. Otherwise ok if the
// rcode is in `expect` (empty: NOERROR). A truncated reply counts: the server works and sent its rcode.
std::optional<ProbeResult> evaluate_dns_reply(dns::Bytes packet, const DnsProbeQuestion& question,
                                              const std::vector<std::uint16_t>& expect);

}  // namespace server
