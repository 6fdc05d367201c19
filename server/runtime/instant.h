// Points in time of everything that waits and judges: monotonic, and handed in, so that tests and simulations have
// their own.
#pragma once

#include <chrono>

namespace server {

using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

}  // namespace server
