// The log: lines for people on a terminal, one JSON object a line for machines. Always to standard error.
//
// Made by the composition root and handed down; nothing on the query path holds it. What a stranger on the network can
// cause is said through a Throttle, so that nobody fills a disk from afar.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include <spdlog/logger.h>

namespace server {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };
enum class LogFormat : std::uint8_t { kText, kJson };

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
};

// Shared: spdlog's own way of holding a logger; any thread may log.
using Log = std::shared_ptr<spdlog::logger>;

// Text is coloured where standard error is a terminal and NO_COLOR is not set.
Log make_log(const LogOptions& options);

// Lets one event through an interval and counts the others. One thread.
class Throttle {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Throttle(std::chrono::seconds interval = std::chrono::seconds{10}) : interval_(interval) {}

  // True where the event is to be told now; `suppressed()` then says how many were not since the last one told.
  bool allow(Clock::time_point now);
  std::uint64_t suppressed() const { return reported_suppressed_; }

 private:
  std::chrono::seconds interval_;
  Clock::time_point next_{};
  std::uint64_t suppressed_ = 0, reported_suppressed_ = 0;
};

}  // namespace server
