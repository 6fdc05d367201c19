// The failover state of a managed name for `waymark explain`: from the running server, or from a configuration file
// with every state unknown.
#pragma once

#include "tools/control/client.h"
#include "tools/query/question.h"

namespace tools {

struct SteeredQuestion {
  ControlOptions control;
  std::string client, view;  // the client or view to explain; empty: all
  std::string local;         // the address of the server that the client asks; empty: any that no view names
};

// {"source": "the running server" or "the configuration, ...", "records": [...], "clients": [...]}. Nothing if the name
// is not managed, or if the server of the default socket cannot be asked. If no server can be reached, the
// configuration file is used; but with a given socket (--socket, WAYMARK_CONTROL) this is an error.
ControlResult<std::optional<JsonValue>> steered(const SteeredQuestion& asked, const std::string& name,
                                                const std::string& type);

void print_steered(const JsonValue& steered);

}  // namespace tools
