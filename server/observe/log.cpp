#include "server/observe/log.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <string>

#include <spdlog/formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>

namespace server {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

void append(spdlog::memory_buf_t& out, std::string_view text) { out.append(text.data(), text.data() + text.size()); }

// Octets that are not printable ASCII are escaped one by one, so an entry is always one line, whatever a file or a
// client put into it.
void append_json(spdlog::memory_buf_t& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (octet >= 0x20 && octet < 0x7f) {
      out.push_back(c);
    } else {
      append(out, "\\u00");
      out.push_back(kHex[octet >> 4]);
      out.push_back(kHex[octet & 15]);
    }
  }
}

// {"time":"2026-11-22T17:04:57.123Z","level":"warning","message":"..."}
class JsonFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto since_epoch = message.time.time_since_epoch();
    const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count() % 1000;
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    std::array<char, 32> day{};
    std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    const std::string fraction = std::to_string(1000 + milliseconds).substr(1);
    const spdlog::string_view_t level = spdlog::level::to_string_view(message.level);
    append(out, "{\"time\":\"");
    append(out, day.data());
    append(out, "." + fraction + "Z\",\"level\":\"");
    append(out, {level.data(), level.size()});
    append(out, "\",\"message\":\"");
    append_json(out, {message.payload.data(), message.payload.size()});
    append(out, "\"}\n");
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

}  // namespace

Log make_log(const LogOptions& options) {
  const bool colour = ::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(colour ? spdlog::color_mode::always
                                                                               : spdlog::color_mode::never);
  Log log = std::make_shared<spdlog::logger>("waymark", std::move(sink));
  log->set_level(level_of(options.level));
  log->flush_on(spdlog::level::debug);
  if (options.format == LogFormat::kJson) {
    log->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    log->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%l%$ %v");
  }
  return log;
}

bool Throttle::allow(Clock::time_point now) {
  if (now < next_) {
    ++suppressed_;
    return false;
  }
  next_ = now + interval_;
  reported_suppressed_ = suppressed_;
  suppressed_ = 0;
  return true;
}

}  // namespace server
