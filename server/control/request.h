// What is asked over the control socket: one JSON object a line, and the one way in which it is read.
//
//     {"command":"drain","subject":"isp-a","for":600}
//     {"command":"events","count":20,"follow":true}
//
// Strict: a key that the command does not take, a value of the wrong type or out of range is refused in words, so that
// a misspelt "for" never becomes an override without end. Which command takes which keys is a table. The reader is pure
// and never throws; any octets may come. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "zone/base/result.h"

namespace server {

inline constexpr std::size_t kMaxRequestLine = 64 * 1024;          // octets, without the line's end
inline constexpr std::size_t kMaxSubjects = 64;                    // of one request
inline constexpr std::int64_t kMaxOverrideSeconds = 366L * 86400;  // longer than a year is an override without end
inline constexpr std::int64_t kMaxEvents = 1000;

enum class Command : std::uint8_t { kStatus, kExplain, kEvents, kSimulate, kFailover, kDrain, kFreeze };

// Who may: whoever the socket's file lets in, or root, the server's user and the members of its group.
enum class Permission : std::uint8_t { kRead, kAdmin };

struct CommandInfo {
  std::string_view name;
  Command command;
  Permission permission;
  std::span<const std::string_view> keys;  // beside "command"
};

std::span<const CommandInfo> control_commands();

// One member a key; those that a command does not take keep their defaults.
struct Request {
  Command command{};
  std::vector<std::string> subjects{};             // "subject": a text, or a list of texts
  std::string member{};                            // "to"
  std::optional<std::chrono::seconds> duration{};  // "for", in seconds
  std::string as{};                                // "as": drain, down, up
  bool undo = false;
  bool follow = false;
  std::optional<std::size_t> count{};
  std::string type{}, client{}, view{};

  friend bool operator==(const Request&, const Request&) = default;
};

// Words for a person: "unknown key `fro`; did you mean `for`?"
dns::Result<Request, std::string> parse_request(std::string_view line);

// One line without its end, which `parse_request` reads back as the same request.
std::string to_line(const Request& request);

const CommandInfo& command_info(Command command);

// Where the control socket is.
// As configured, else <state>/control.sock; empty: there is none.
inline std::string control_path(const std::string& configured, const std::string& state) {
  return configured.empty() && !state.empty() ? state + "/control.sock" : configured;
}

}  // namespace server
