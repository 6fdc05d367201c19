// Measurements as text, as programs print them and other programs write them into files: "up latency=12ms jitter=1.5ms
// loss=0.5%".
//
// Words are separated by white space. A time has a unit (ns, us, ms, s); a loss is a percentage, or a share without
// "%". Values that are negative, too large or not numbers are ignored, and so are unknown words: programs print many
// other things. If a word appears twice, the last one counts. Pure; reads at most kMaxMeasurementText octets.
#pragma once

#include <string_view>

#include "server/probe/result.h"

namespace server {

inline constexpr std::size_t kMaxMeasurementText = 4096;
inline constexpr Duration kMaxMeasuredTime = std::chrono::hours{1};

Measurements parse_measurements(std::string_view text);

// The first word that is "up" or "down", punctuation around it aside; nothing if there is none.
std::optional<Outcome> parse_verdict(std::string_view text);

// The first non-empty line, without control characters and at most kMaxDetail long: for people.
inline constexpr std::size_t kMaxDetail = 120;
std::string first_line(std::string_view text);

// "12.3 ms"
std::string to_text(Duration duration);

}  // namespace server
