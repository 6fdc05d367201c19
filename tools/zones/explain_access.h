// Which access rule of a configuration decides what a client may do with a zone, for `waymark explain`. A dry run: no
// server is asked, and no secret is read.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/json.h"
#include "zone/snapshot/policy.h"

namespace tools {

struct AccessQuestion {
  std::string client;  // an address
  std::string key;     // name of the TSIG key of the request; empty: it is not signed
};

// What holds for one operation over one transport.
struct AccessAnswer {
  std::string_view operation, transport;
  bool allowed = false;
  std::string rule;  // name of the rule that decides; empty: none matches
};

// In the order of the operations, then of the transports. The error is a message for the user: an unknown key, or a
// text that is not an address. `policies` may be null.
dns::Result<std::vector<AccessAnswer>, std::string> explain_access(const AccessQuestion& question,
                                                                   const dns::ZonePolicies* policies,
                                                                   dns::NameView apex);

void print_access(const AccessQuestion& question, dns::NameView apex, const std::vector<AccessAnswer>& answers);
// [{"operation": "query", "transport": "udp", "allowed": true, "rule": "office"}]; the rule is "" if none matches.
void append_access(Json& json, const std::vector<AccessAnswer>& answers);

}  // namespace tools
