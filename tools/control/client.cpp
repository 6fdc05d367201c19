#include "tools/control/client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "server/config/config.h"
#include "server/control/request.h"
#include "server/control/socket_path.h"
#include "server/runtime/descriptor.h"
#include "tools/cli/files.h"
#include "tools/cli/terminal.h"

namespace tools {
namespace {

constexpr std::chrono::seconds kTimeout{10};
constexpr std::size_t kMaxReply = 256 * 1024 * 1024;  // octets; enough for a server with very many names

dns::Failure<ControlError> unreachable(const std::string& path, std::string_view why) {
  return dns::Failure<ControlError>({Exit::kUnreachable, fmt::format("no server can be reached at {}: {}", path, why)});
}

// A connection that sends and receives lines.
class ControlConnection {
 public:
  explicit ControlConnection(server::FileDescriptor socket) : socket_(std::move(socket)) {}

  static ControlResult<ControlConnection> to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return unreachable(path, "the path is too long");
    std::memcpy(address.sun_path, path.data(), path.size());
    server::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{kTimeout.count(), 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      if (errno == EACCES)
        return dns::Failure<ControlError>({Exit::kRefused, fmt::format("{}: {}", path, std::strerror(errno))});
      return unreachable(path, std::strerror(errno));
    }
    return ControlConnection(std::move(socket));
  }

  void disable_timeout() {
    const timeval none{};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
  }

  bool send(std::string text) {
    text += '\n';
    std::string_view left = text;
    while (!left.empty()) {
      const ssize_t sent = ::send(socket_.get(), left.data(), left.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      left.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  std::optional<std::string> receive() {
    for (;;) {
      if (const std::size_t end = received_.find('\n', searched_); end != std::string::npos) {
        std::string line = received_.substr(0, end);
        received_.erase(0, end + 1);
        searched_ = 0;
        return line;
      }
      searched_ = received_.size();
      std::array<char, 64 * 1024> piece;
      const ssize_t got = ::recv(socket_.get(), piece.data(), piece.size(), 0);
      if (got <= 0 || received_.size() > kMaxReply) return std::nullopt;
      received_.append(piece.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  server::FileDescriptor socket_;
  std::string received_;
  std::size_t searched_ = 0;
};

Exit exit_of(std::string_view error) {
  if (error == "not-permitted") return Exit::kRefused;
  if (error == "unknown-subject" || error == "bad-request") return Exit::kUsage;
  return Exit::kProblems;
}

ControlResult<JsonValue> parse_reply(const std::string& path, const std::optional<std::string>& line) {
  if (!line) return unreachable(path, "it does not reply");
  JsonValue reply = JsonValue::parse(*line, nullptr, false);
  if (!reply.is_object() || !reply.contains("ok")) return unreachable(path, "it speaks another language");
  if (reply["ok"] == JsonValue(true)) return reply;
  return dns::Failure<ControlError>({exit_of(reply.value("error", "")), reply.value("message", "it refuses")});
}

constexpr struct {
  char letter;
  std::int64_t seconds;
} kUnits[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};

}  // namespace

void add_control_options(CommandLine& line, ControlOptions& options) {
  line.option("--socket", options.socket, "FILE", "Control socket of the server")
      .env("WAYMARK_CONTROL")
      .fallback("the one of --config, else in /run/waymark or $XDG_RUNTIME_DIR/waymark");
  line.option("-c,--config", options.config, "FILE", "Configuration file of the server").env("WAYMARK_CONFIG");
  line.flag("--json", options.json, "Print JSON");
}

dns::Result<std::string, std::string> socket_path(const ControlOptions& options) {
  if (!options.socket.empty()) return options.socket;
  if (options.config.empty()) return server::found_socket_path();
  FileReader reader(server::IncludeScope::kAnywhere, kConfigLimits);
  dns::Diagnostics diagnostics;
  const auto loaded = server::load_config(options.config, reader, diagnostics, std::nullopt, server::Secrets::kSkip);
  if (!loaded) return dns::Failure(fmt::format("{}: {}", options.config, loaded.error()));
  const std::string path = server::control_path(loaded->options.control, loaded->options.state);
  return path.empty() ? server::found_socket_path() : path;
}

ControlResult<JsonValue> send_request(const ControlOptions& options, const server::Request& request) {
  const auto path = socket_path(options);
  if (!path) return dns::Failure<ControlError>({Exit::kUsage, path.error()});
  auto line = ControlConnection::to(*path);
  if (!line) return dns::Failure(line.error());
  const bool sent = line->send(server::to_line(request));  // a server without a place may have replied and hung up
  if (request.command == server::Command::kReload) line->disable_timeout();  // many zones take long
  const auto reply = line->receive();
  if (!sent && !reply) return unreachable(*path, "it hung up");
  return parse_reply(*path, reply);
}

ControlResult<void> follow(const ControlOptions& options, const server::Request& request,
                           const std::function<bool(const JsonValue&)>& take) {
  const auto path = socket_path(options);
  if (!path) return dns::Failure<ControlError>({Exit::kUsage, path.error()});
  auto line = ControlConnection::to(*path);
  if (!line) return dns::Failure(line.error());
  const bool sent = line->send(server::to_line(request));  // a server without a place may have replied and hung up
  const auto reply = line->receive();
  if (!sent && !reply) return unreachable(*path, "it hung up");
  const auto first = parse_reply(*path, reply);
  if (!first) return dns::Failure(first.error());
  line->disable_timeout();
  bool more = take(*first);
  while (more) {
    const auto next = line->receive();
    if (!next) return unreachable(*path, "it ended");
    more = take(JsonValue::parse(*next, nullptr, false));
  }
  return {};
}

Exit print_control_error(std::string_view command, const ControlError& fault) {
  print_error(fmt::format("{}: {}", command, fault.words));
  return fault.exit;
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || number < 0 || number > server::kMaxOverrideSeconds || digits == text.size())
      return std::nullopt;
    std::int64_t unit = 0;
    for (const auto& each : kUnits)
      if (each.letter == text[digits]) unit = each.seconds;
    if (unit == 0) return std::nullopt;
    total += number * unit;
    text.remove_prefix(digits + 1);
  }
  if (total < 1 || total > server::kMaxOverrideSeconds) return std::nullopt;
  return std::chrono::seconds(total);
}

std::string duration_text(double seconds) {
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(seconds);
  if (whole < 120) return fmt::format("{} s", whole);
  if (whole < 7200) return fmt::format("{} min", whole / 60);
  if (whole < 172800) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
  return fmt::format("{} d {} h", whole / 86400, whole / 3600 % 24);
}

void add_duration_option(CommandLine& line, std::optional<std::chrono::seconds>& span) {
  const std::function<Option::Taken(const std::string&)> taken = [&span](const std::string& typed) -> Option::Taken {
    span = parse_duration(typed);
    if (span) return {};
    return dns::Failure(fmt::format("expected a duration such as 90s, 10m, 2h or 1d, found `{}`", typed));
  };
  line.option("--for", taken, "DURATION", "How long the override lasts, such as 90s, 10m, 2h or 1d")
      .fallback("until it is removed");
}

Exit send_override(const ControlOptions& options, const server::Request& request) {
  const auto reply = send_request(options, request);
  if (!reply) return print_control_error(server::command_info(request.command).name, reply.error());
  if (options.json) {
    fmt::print("{}\n", reply->dump());
    return Exit::kOk;
  }
  for (const JsonValue& entry : reply->value("overrides", JsonValue::array())) {
    fmt::print("{} {}", entry.value("override", ""), entry.value("subject", ""));
    if (entry["to"].is_string()) fmt::print(" to {}", entry.value("to", ""));
    if (entry["until"].is_string()) fmt::print(" until {}", entry.value("until", ""));
    fmt::print("\n");
  }
  for (const JsonValue& subject : reply->value("removed", JsonValue::array()))
    fmt::print("override removed: {}\n", subject.get<std::string>());
  if (reply->contains("warning")) print_error(reply->value("warning", ""));
  return Exit::kOk;
}

}  // namespace tools
