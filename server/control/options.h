// Where the control socket is.
#pragma once

#include <string>

namespace server {

// As configured, else <state>/control.sock; empty: there is none.
inline std::string control_path(const std::string& configured, const std::string& state) {
  return configured.empty() && !state.empty() ? state + "/control.sock" : configured;
}

}  // namespace server
