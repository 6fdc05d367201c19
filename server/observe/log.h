// The log: text lines for a terminal, or one JSON object for each line. Always to standard error. A LineWriter writes
// them: who logs does not wait, and a log that nobody reads costs lines and nothing else.
//
// The composition root makes it and passes it on. Nothing on the query path has it. Messages that any host on the
// network can cause go through a Throttle, so an attacker cannot fill the disk.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <spdlog/logger.h>

#include "server/observe/line_writer.h"

namespace server {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };
enum class LogFormat : std::uint8_t { kText, kJson };

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
};

// Shared, as spdlog holds loggers; any thread may log.
using Log = std::shared_ptr<spdlog::logger>;

// Text is coloured if standard error is a terminal and NO_COLOR is not set. `writer` is shared by all that writes to
// standard error.
Log make_log(const LogOptions& options, std::shared_ptr<LineWriter> writer);

// The first members of each object in a JSON log, for those that are not written by it: "time":"...","level":"...".
std::string json_time_and_level(LogLevel level);

// Allows one event in each interval and counts the others. One thread.
class Throttle {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Throttle(std::chrono::seconds interval = std::chrono::seconds{10}) : interval_(interval) {}

  // True if the event may be logged now; `suppressed()` is then the number of events since the last one that was
  // logged.
  bool allow(Clock::time_point now);
  std::uint64_t suppressed() const { return reported_suppressed_; }

 private:
  std::chrono::seconds interval_;
  Clock::time_point next_{};
  std::uint64_t suppressed_ = 0, reported_suppressed_ = 0;
};

}  // namespace server
