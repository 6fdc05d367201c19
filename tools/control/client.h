// A conversation with a running server over its control socket, for the commands that send_request or override.
//
// The socket is the one that --socket or WAYMARK_CONTROL names, else the one of the configuration file (-c,
// WAYMARK_CONFIG), else kDefaultSocket. Every wait is bounded, but for that of a follower. What the server refuses
// becomes words and an exit code.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "server/control/request.h"
#include "tools/cli/command.h"

namespace tools {

using JsonValue = nlohmann::ordered_json;

inline constexpr std::string_view kDefaultSocket = "/run/waymark/control.sock";

struct ControlOptions {
  std::string socket, config;
  bool json = false;
};

// --socket, --config, --json.
void add_control_options(CommandLine& line, ControlOptions& options);

struct ControlError {
  Exit exit = Exit::kUnreachable;
  std::string words;
};
template <class T>
using ControlResult = dns::Result<T, ControlError>;

// Where the server is to be found. The error is words.
dns::Result<std::string, std::string> socket_path(const ControlOptions& options);

// The reply where it is {"ok":true,...}; any other is the fault.
ControlResult<JsonValue> send_request(const ControlOptions& options, const server::Request& request);

// The reply, then each further line, until `take` says that it has enough, or the server hangs up.
ControlResult<void> follow(const ControlOptions& options, const server::Request& request,
                           const std::function<bool(const JsonValue&)>& take);

// Tells the fault, and is its exit code.
Exit print_control_error(std::string_view command, const ControlError& fault);

// "10m", "90s", "2h", "1d", "1h30m": whole seconds of at least one. Nothing where it is none of these.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);
// "12 s", "3 min", "2 h 5 min", "4 d 3 h"
std::string duration_text(double seconds);

// An option --for that takes such a span.
void add_duration_option(CommandLine& line, std::optional<std::chrono::seconds>& span);

// An override's request sent, and its outcome printed.
Exit send_override(const ControlOptions& options, const server::Request& request);

}  // namespace tools
