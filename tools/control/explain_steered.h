// What steering has to say of a name: from the running server that serves it, or from a configuration with everything
// unknown.
#pragma once

#include "tools/control/client.h"
#include "tools/query/question.h"

namespace tools {

struct SteeredQuestion {
  ControlOptions control;
  std::string client, view;  // whom to explain for; empty: everybody
};

// {"source": "the running server" or "the configuration", "records": [...], "clients": [...]}; nothing where nobody
// manages the name. A server that was asked for by name (--socket) and does not answer is the fault, one that was not
// is passed over.
ControlResult<std::optional<JsonValue>> steered(const SteeredQuestion& asked, const std::string& name,
                                                const std::string& type);

void print_steered(const JsonValue& steered);

}  // namespace tools
