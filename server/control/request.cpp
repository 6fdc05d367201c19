#include "server/control/request.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "zone/base/suggest.h"

namespace server {
namespace {

using Json = nlohmann::json;
using Parsed = dns::Result<void, std::string>;

constexpr std::string_view kStatusKeys[] = {"subject"};
constexpr std::string_view kExplainKeys[] = {"subject", "type", "client", "view", "local"};
constexpr std::string_view kEventsKeys[] = {"count", "follow"};
constexpr std::string_view kSimulateKeys[] = {"subject"};
constexpr std::string_view kChangesKeys[] = {"subject", "since"};
constexpr std::string_view kFailoverKeys[] = {"subject", "to", "for"};
constexpr std::string_view kDrainKeys[] = {"subject", "as", "for", "undo"};
constexpr std::string_view kFreezeKeys[] = {"subject", "for", "undo"};

constexpr std::array kCommandRows{
    CommandInfo{"status", Command::kStatus, Permission::kRead, kStatusKeys},
    CommandInfo{"explain", Command::kExplain, Permission::kRead, kExplainKeys},
    CommandInfo{"events", Command::kEvents, Permission::kRead, kEventsKeys},
    CommandInfo{"simulate", Command::kSimulate, Permission::kRead, kSimulateKeys},
    CommandInfo{"changes", Command::kChanges, Permission::kRead, kChangesKeys},
    CommandInfo{"failover", Command::kFailover, Permission::kAdmin, kFailoverKeys},
    CommandInfo{"drain", Command::kDrain, Permission::kAdmin, kDrainKeys},
    CommandInfo{"freeze", Command::kFreeze, Permission::kAdmin, kFreezeKeys},
    CommandInfo{"reload", Command::kReload, Permission::kAdmin, {}},
};

template <class... Values>
Parsed error_of(fmt::format_string<Values...> format, Values&&... values) {
  return dns::Failure<std::string>(fmt::format(format, std::forward<Values>(values)...));
}

Parsed read_text(const Json& value, std::string& out) {
  if (!value.is_string()) return error_of("must be a string");
  out = value.get<std::string>();
  return {};
}

Parsed read_bool(const Json& value, bool& out) {
  if (!value.is_boolean()) return error_of("must be true or false");
  out = value.get<bool>();
  return {};
}

// A whole number from 1 to `high`.
dns::Result<std::int64_t, std::string> read_number(const Json& value, std::int64_t high) {
  const bool whole = value.is_number_unsigned() && value.get<std::uint64_t>() <= static_cast<std::uint64_t>(high);
  if (!whole || value.get<std::uint64_t>() == 0)
    return dns::Failure<std::string>(fmt::format("must be a whole number from 1 to {}", high));
  return value.get<std::int64_t>();
}

Parsed read_subjects(const Json& value, Request& request) {
  const Json list = value.is_array() ? value : Json::array({value});
  if (list.size() > kMaxSubjects) return error_of("names more than {} subjects", kMaxSubjects);
  for (const Json& each : list) {
    std::string text;
    if (const Parsed read = read_text(each, text); !read) return read;
    request.subjects.push_back(std::move(text));
  }
  return {};
}

Parsed read_duration(const Json& value, Request& request) {
  const auto seconds = read_number(value, kMaxOverrideSeconds);
  if (!seconds) return error_of("{}", seconds.error());
  request.duration = std::chrono::seconds(*seconds);
  return {};
}

Parsed read_count(const Json& value, Request& request) {
  const auto count = read_number(value, kMaxEvents);
  if (!count) return error_of("{}", count.error());
  request.count = static_cast<std::size_t>(*count);
  return {};
}

Parsed read_since(const Json& value, Request& request) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > UINT32_MAX)
    return error_of("must be a serial from 0 to {}", UINT32_MAX);
  request.since = value.get<std::uint32_t>();
  return {};
}

Parsed read_as(const Json& value, Request& request) {
  if (const Parsed read = read_text(value, request.as); !read) return read;
  if (request.as != "drain" && request.as != "down" && request.as != "up") return error_of("must be drain, down or up");
  return {};
}

struct RequestKey {
  std::string_view name;
  Parsed (*read)(const Json& value, Request& request);
};

constexpr std::array kRequestKeys{
    RequestKey{"subject", read_subjects},
    RequestKey{"to", [](const Json& value, Request& request) { return read_text(value, request.member); }},
    RequestKey{"for", read_duration},
    RequestKey{"as", read_as},
    RequestKey{"undo", [](const Json& value, Request& request) { return read_bool(value, request.undo); }},
    RequestKey{"follow", [](const Json& value, Request& request) { return read_bool(value, request.follow); }},
    RequestKey{"count", read_count},
    RequestKey{"since", read_since},
    RequestKey{"type", [](const Json& value, Request& request) { return read_text(value, request.type); }},
    RequestKey{"client", [](const Json& value, Request& request) { return read_text(value, request.client); }},
    RequestKey{"local", [](const Json& value, Request& request) { return read_text(value, request.local); }},
    RequestKey{"view", [](const Json& value, Request& request) { return read_text(value, request.view); }},
};

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> words) {
  const std::string_view near = dns::nearest_word(typed, words);
  return near.empty() ? "" : fmt::format("; did you mean `{}`?", near);
}

dns::Result<const CommandInfo*, std::string> find_command(const Json& object) {
  const auto named = object.find("command");
  if (named == object.end() || !named->is_string())
    return dns::Failure<std::string>("`command` is missing: give a string");
  const auto name = named->get<std::string>();
  const auto row = std::ranges::find(kCommandRows, name, &CommandInfo::name);
  if (row != kCommandRows.end()) return &*row;
  std::vector<std::string_view> names;
  for (const CommandInfo& each : kCommandRows) names.push_back(each.name);
  return dns::Failure<std::string>(fmt::format("unknown command `{}`{}", name, did_you_mean(name, names)));
}

Parsed read_key(const CommandInfo& command, const std::string& key, const Json& value, Request& request) {
  if (std::ranges::find(command.keys, key) == command.keys.end())
    return error_of("unknown key `{}`{}", key, did_you_mean(key, command.keys));
  const auto row = std::ranges::find(kRequestKeys, key, &RequestKey::name);
  dns::require(row != kRequestKeys.end(), "a key of a control command is in the table");
  const Parsed read = row->read(value, request);
  return read ? read : error_of("`{}` {}", key, read.error());
}

}  // namespace

std::span<const CommandInfo> control_commands() { return kCommandRows; }

const CommandInfo& command_info(Command command) {
  const auto row = std::ranges::find(kCommandRows, command, &CommandInfo::command);
  dns::require(row != kCommandRows.end(), "every control command has a row");
  return *row;
}

dns::Result<Request, std::string> parse_request(std::string_view line) {
  if (line.size() > kMaxRequestLine)
    return dns::Failure<std::string>(fmt::format("longer than {} octets", kMaxRequestLine));
  const Json object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return dns::Failure<std::string>("not a JSON object");
  const auto command = find_command(object);
  if (!command) return dns::Failure<std::string>(command.error());
  Request request{.command = (*command)->command};
  for (const auto& [key, value] : object.items()) {
    if (key == "command") continue;
    if (const Parsed read = read_key(**command, key, value, request); !read)
      return dns::Failure<std::string>(read.error());
  }
  return request;
}

std::string to_line(const Request& request) {
  Json object{{"command", command_info(request.command).name}};
  if (request.subjects.size() == 1) object["subject"] = request.subjects.front();
  else if (!request.subjects.empty()) object["subject"] = request.subjects;
  if (!request.member.empty()) object["to"] = request.member;
  if (request.duration) object["for"] = request.duration->count();
  if (!request.as.empty()) object["as"] = request.as;
  if (request.undo) object["undo"] = true;
  if (request.follow) object["follow"] = true;
  if (request.count) object["count"] = *request.count;
  if (request.since) object["since"] = *request.since;
  if (!request.type.empty()) object["type"] = request.type;
  if (!request.client.empty()) object["client"] = request.client;
  if (!request.view.empty()) object["view"] = request.view;
  if (!request.local.empty()) object["local"] = request.local;
  return object.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace server
