// The health of a check as a line of text, for the file that survives a restart: "up 1763844000 web 203.0.113.10".
//
// The time is in seconds of the wall clock, because the monotonic clock starts again with the system. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/health/state.h"
#include "server/probe/options.h"

namespace server {

// A check as text: "web 203.0.113.10 from 203.0.113.2 device eth1 dscp 46". The same after restarts and changes of
// timing.
std::string check_key(const CheckOptions& check);

struct SavedHealth {
  Health health{};
  Instant since{};
};

// One line with its end; `saved.health` is not unknown.
std::string to_line(std::string_view key, const SavedHealth& saved, Instant now,
                    std::chrono::system_clock::time_point wall);

// The key of the check and its health; nothing if the line is malformed.
std::optional<std::pair<std::string, SavedHealth>> parse_saved_health(std::string_view line, Instant now,
                                                                      std::chrono::system_clock::time_point wall);

}  // namespace server
