#include "tools/cli/terminal.h"

#include <poll.h>
#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>

#include "zone/base/ascii.h"

namespace tools {
namespace {

constexpr std::chrono::seconds kDelay{1};  // before the progress line appears
constexpr std::chrono::milliseconds kRedrawEvery{100};

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

bool wants_colour(std::FILE* stream) {
  if (is_set("NO_COLOR")) return false;
  if (is_set("CLICOLOR_FORCE") && std::string_view(std::getenv("CLICOLOR_FORCE")) != "0") return true;
  const char* terminal = std::getenv("TERM");
  return ::isatty(::fileno(stream)) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

dns::Charset charset() {
  std::string_view locale;
  for (const char* const variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (!is_set(variable)) continue;
    locale = std::getenv(variable);
    break;
  }
  const std::size_t dot = locale.find('.');
  const std::string_view codeset =
      dot == std::string_view::npos ? "" : locale.substr(dot + 1, locale.find('@') - dot - 1);
  return dns::equal_fold(codeset, "UTF-8") || dns::equal_fold(codeset, "utf8") ? dns::Charset::kUtf8
                                                                               : dns::Charset::kAscii;
}

std::string shown(std::string_view text) { return dns::printable(text, charset()); }

void write_to(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
  std::clearerr(stream);
}

std::string error_text(std::string_view words) {
  const bool colour = wants_colour(stderr);
  return fmt::format("{}waymark:{} {}\n", colour ? "\x1b[1;31m" : "", colour ? "\x1b[0m" : "", shown(words));
}

void print_error(std::string_view words) { write_to(stderr, error_text(words)); }

Progress::Progress()
    : shown_(std::chrono::steady_clock::now() + kDelay - kRedrawEvery), on_terminal_(::isatty(::fileno(stderr)) == 1) {}

void Progress::clear() {
  if (drawn_) write_to(stderr, "\r\x1b[K");
  drawn_ = false;
}

void Progress::show(std::string_view words) {
  pollfd writable{::fileno(stderr), POLLOUT, 0};
  if (!on_terminal_ || ::poll(&writable, 1, 0) != 1) return;  // a terminal that was stopped by ^S is not waited for
  const auto now = std::chrono::steady_clock::now();
  if (now - shown_ < kRedrawEvery) return;
  shown_ = now;
  drawn_ = true;
  write_to(stderr, fmt::format("\r\x1b[K{}", words));
}

}  // namespace tools
