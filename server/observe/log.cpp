#include "server/observe/log.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <mutex>
#include <string>
#include <utility>

#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include "zone/base/printable.h"

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

constexpr std::chrono::milliseconds kFlushTimeout{200};  // for the reader of a log
constexpr std::string_view kNoColour = "\x1b[0m";

std::string_view colour_of(spdlog::level::level_enum level) {
  if (level >= spdlog::level::err) return "\x1b[1;31m";           // red
  if (level == spdlog::level::warn) return "\x1b[1;33m";          // yellow
  return level == spdlog::level::info ? "\x1b[32m" : "\x1b[36m";  // green, cyan
}

std::string time_and_level(std::chrono::system_clock::time_point time, std::string_view level) {
  const auto since_epoch = time.time_since_epoch();
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count() % 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 32> day{};
  std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  return "\"time\":\"" + std::string(day.data()) + "." + std::to_string(1000 + milliseconds).substr(1) +
         "Z\",\"level\":\"" + std::string(level) + "\"";
}

// {"time":"2026-11-22T17:04:57.123Z","level":"warning","message":"..."}
class JsonFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const spdlog::string_view_t level = spdlog::level::to_string_view(message.level);
    std::string line = "{" + time_and_level(message.time, {level.data(), level.size()}) + ",\"message\":";
    dns::append_json_string(line, {message.payload.data(), message.payload.size()});
    line += "}\n";
    out.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

std::unique_ptr<spdlog::formatter> make_formatter(LogFormat format) {
  if (format == LogFormat::kJson) return std::make_unique<JsonFormatter>();
  return std::make_unique<spdlog::pattern_formatter>("%Y-%m-%d %H:%M:%S.%e %z %^%l%$ %v");
}

std::string lost_line(LogFormat format, std::uint64_t lines) {
  const std::string text = std::to_string(lines) + (lines == 1 ? " line" : " lines") +
                           " of this log lost: the lines are not read, or not written to the disk, fast enough";
  spdlog::memory_buf_t line;
  make_formatter(format)->format(spdlog::details::log_msg("waymark", spdlog::level::warn, text), line);
  return {line.data(), line.size()};
}
std::string lost_line_text(std::uint64_t lines) { return lost_line(LogFormat::kText, lines); }
std::string lost_line_json(std::uint64_t lines) { return lost_line(LogFormat::kJson, lines); }

// Passes each line to the LineWriter. Its base class has a lock, because a formatter is not for several threads.
class LineSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  LineSink(std::shared_ptr<LineWriter> writer, LogFormat format, bool colour)
      : writer_(std::move(writer)), format_(format), colour_(colour) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    // An entry is one line, whatever a file name or a client put into it. JSON does that for itself.
    std::string payload;
    if (format_ == LogFormat::kText)
      payload = dns::printable({message.payload.data(), message.payload.size()}, dns::Charset::kUtf8);
    spdlog::details::log_msg safe = message;
    if (format_ == LogFormat::kText) safe.payload = payload;
    spdlog::memory_buf_t line;
    formatter_->format(safe, line);
    const std::string_view text(line.data(), line.size());
    if (!colour_ || safe.color_range_end <= safe.color_range_start) return writer_->write(text);
    std::string coloured(text.substr(0, safe.color_range_start));
    coloured += colour_of(safe.level);
    coloured += text.substr(safe.color_range_start, safe.color_range_end - safe.color_range_start);
    coloured += kNoColour;
    coloured += text.substr(safe.color_range_end);
    writer_->write(coloured);
  }
  void flush_() override { (void)writer_->flush(kFlushTimeout); }

 private:
  std::shared_ptr<LineWriter> writer_;
  LogFormat format_;
  bool colour_;
};

}  // namespace

std::string json_time_and_level(LogLevel level) {
  const spdlog::string_view_t word = spdlog::level::to_string_view(level_of(level));
  return time_and_level(std::chrono::system_clock::now(), {word.data(), word.size()});
}

Log make_log(const LogOptions& options, std::shared_ptr<LineWriter> writer) {
  const bool json = options.format == LogFormat::kJson;
  const bool colour = !json && ::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  writer->set_lost_line(json ? &lost_line_json : &lost_line_text);
  Log log = std::make_shared<spdlog::logger>("waymark",
                                             std::make_shared<LineSink>(std::move(writer), options.format, colour));
  log->set_level(level_of(options.level));
  log->set_formatter(make_formatter(options.format));
  // spdlog would write its own failures (no memory is left) to standard error, and wait for its reader.
  log->set_error_handler([](const std::string&) {});
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
