// The client of the control socket, for the commands that query a running server or override its decisions.
//
// The socket is that of --socket or WAYMARK_CONTROL, else that of the configuration file (-c, WAYMARK_CONFIG), else one
// of the default paths (server/control/socket_path.h). Every wait has a timeout, except the wait for further lines in
// `follow`. An error of the server becomes a message and an exit code.
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

struct ControlOptions {
  std::string socket, config;
  bool json = false;
};

// Declares --socket, --config and --json.
void add_control_options(CommandLine& line, ControlOptions& options);

struct ControlError {
  Exit exit = Exit::kUnreachable;
  std::string words;
};
template <class T>
using ControlResult = dns::Result<T, ControlError>;

// The path of the control socket. The error is a message for the user.
dns::Result<std::string, std::string> socket_path(const ControlOptions& options);

// Sends `request` and returns the reply if it is {"ok":true,...}. Any other reply is an error.
ControlResult<JsonValue> send_request(const ControlOptions& options, const server::Request& request);

// Sends `request` and passes the reply and each further line to `take`, until `take` returns false. It is an error if
// the server closes the connection first.
ControlResult<void> follow(const ControlOptions& options, const server::Request& request,
                           const std::function<bool(const JsonValue&)>& take);

// Prints the error and returns its exit code.
Exit print_control_error(std::string_view command, const ControlError& fault);

// Parses "10m", "90s", "2h", "1d" or "1h30m". Nothing if `text` is malformed, or not in the range from 1 second to
// server::kMaxOverrideSeconds.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);
// "12 s", "3 min", "2 h 5 min", "4 d 3 h"
std::string duration_text(double seconds);

// Declares --for DURATION.
void add_duration_option(CommandLine& line, std::optional<std::chrono::seconds>& span);

// Sends the request of an override, prints the result and returns the exit code.
Exit send_override(const ControlOptions& options, const server::Request& request);

}  // namespace tools
