// The state that survives a restart, as one JSON text: overrides, the evaluator's state, the health of the checks, and
// the generation.
//
// Reading is tolerant: the entries that can be read are used, and `error` says what could not be read. A damaged state
// file never prevents a start. A file of another version is not used, and `error` names both versions. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/steering/active_overrides.h"

namespace server {

struct SavedState {
  std::uint64_t generation = 0;  // of the last overlay; the next one is higher
  std::vector<AdminOverride> overrides;
  std::string evaluator;  // Evaluator::save; empty: none
  std::string checks;     // HealthChecks::save; empty: none

  friend bool operator==(const SavedState&, const SavedState&) = default;
};

// Expensive with many records: the file writer's thread calls it.
std::string to_json(const SavedState& state);

struct LoadedState {
  SavedState state;
  std::string error;  // for the log: what could not be read; empty: everything was read
};

LoadedState parse_saved_state(std::string_view text);

}  // namespace server
