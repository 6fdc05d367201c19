// Requests on the control socket: one JSON object per line, and its parser.
//
//     {"command":"drain","subject":"isp-a","for":600}
//     {"command":"events","count":20,"follow":true}
//
// Strict: a key that the command does not take, or a value of the wrong type or out of range, is an error with a
// message. So a misspelt "for" never becomes a permanent override. A table lists the keys of each command. The parser
// is pure, never throws, and accepts any octets. Any thread.
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

inline constexpr std::size_t kMaxRequestLine = 64 * 1024;  // octets, without the line end
inline constexpr std::size_t kMaxSubjects = 64;            // per request
// One year; a longer override is meant to be permanent.
inline constexpr std::int64_t kMaxOverrideSeconds = 366L * 86400;
inline constexpr std::int64_t kMaxEvents = 1000;

enum class Command : std::uint8_t {
  kStatus,
  kExplain,
  kEvents,
  kSimulate,
  kFailover,
  kDrain,
  kFreeze,
  kReload,
  kChanges
};

// kRead: everybody who can open the socket's file. kAdmin: root, the server's user, and members of its group.
enum class Permission : std::uint8_t { kRead, kAdmin };

struct CommandInfo {
  std::string_view name;
  Command command;
  Permission permission;
  std::span<const std::string_view> keys;  // besides "command"
};

std::span<const CommandInfo> control_commands();

// One member per key; keys that the command does not take keep their defaults.
struct Request {
  Command command{};
  std::vector<std::string> subjects{};             // "subject": a text, or a list of texts
  std::string member{};                            // "to"
  std::optional<std::chrono::seconds> duration{};  // "for", in seconds
  std::string as{};                                // "as": drain, down, up
  bool undo = false;
  bool follow = false;
  std::optional<std::size_t> count{};
  std::optional<std::uint32_t> since{};  // a serial
  std::string type{}, client{}, view{};
  std::string local{};  // the address of the server that the client asks

  friend bool operator==(const Request&, const Request&) = default;
};

// The error is a message for people: "unknown key `fro`; did you mean `for`?"
dns::Result<Request, std::string> parse_request(std::string_view line);

// One line without its end; `parse_request` returns the same request for it.
std::string to_line(const Request& request);

const CommandInfo& command_info(Command command);

}  // namespace server
