// The failover state of a managed name for `waymark explain`: from the running server, or from a configuration file
// with every state unknown.
#pragma once

#include "tools/control/client.h"
#include "tools/query/question.h"

namespace tools {

struct SteeredQuestion {
  ControlOptions control;
  std::string client, view;  // the client or view to explain; empty: all
};

// {"source": "the running server" or "the configuration, ...", "records": [...], "clients": [...]}. Nothing if the name
// is not managed. If no server can be reached, the configuration file is used, or nothing without one; but with a given
// socket (--socket, WAYMARK_CONTROL) this is an error.
ControlResult<std::optional<JsonValue>> steered(const SteeredQuestion& asked, const std::string& name,
                                                const std::string& type);

void print_steered(const JsonValue& steered);

}  // namespace tools
