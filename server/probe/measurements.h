// Measurements as text, as programs print them and others write them into files: "up latency=12ms jitter=1.5ms
// loss=0.5%".
//
// Words stand apart by white space. A time has a unit (ns, us, ms, s), a loss is a percentage or a share without "%";
// what is negative, too large or not a number is as if it were not there, and so is every word that is not known:
// programs print much else. Of a word that comes twice the last counts. Pure; reads at most kMaxMeasurementText octets.
#pragma once

#include <string_view>

#include "server/probe/result.h"

namespace server {

inline constexpr std::size_t kMaxMeasurementText = 4096;
inline constexpr Duration kMaxMeasuredTime = std::chrono::hours{1};

Measurements parse_measurements(std::string_view text);

// The first word that is "up" or "down"; nothing where neither stands there.
std::optional<Outcome> parse_verdict(std::string_view text);

// The first line that is not empty, without control characters and not longer than kMaxDetail: what people are shown.
inline constexpr std::size_t kMaxDetail = 120;
std::string first_line(std::string_view text);

// "12.3 ms"
std::string to_text(Duration duration);

}  // namespace server
