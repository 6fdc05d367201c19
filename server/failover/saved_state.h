// What must outlive the process, as one JSON text: overrides, the evaluator's state, the checks' healths, the
// generation.
//
// Reading is forgiving: a text that is damaged or of another form gives what of it can be understood, since a start
// must never fail for its own notes. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/steering/active_overrides.h"

namespace server {

struct SavedState {
  std::uint64_t generation = 0;  // of the last overlay: the next is higher
  std::vector<AdminOverride> overrides;
  std::string evaluator;  // Evaluator::save; empty: none
  std::string checks;     // HealthChecks::save; empty: none

  friend bool operator==(const SavedState&, const SavedState&) = default;
};

// Takes its time where much is managed: the thread that judges lets another one do it.
std::string to_json(const SavedState& state);

struct LoadedState {
  SavedState state;
  std::string error;  // what could not be understood, for the log; empty: all was
};

LoadedState parse_saved_state(std::string_view text);

}  // namespace server
