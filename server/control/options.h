// The control socket. `[server] control`
#pragma once

#include <string>

namespace server {

struct ControlOptions {
  std::string socket;   // path of the Unix socket; empty: <state>/control.sock, or none where there is no state either
};

}  // namespace server
