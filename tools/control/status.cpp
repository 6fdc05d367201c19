// waymark status: prints the state of a running server, as tables or as JSON.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tools/cli/terminal.h"
#include "tools/control/client.h"

namespace tools {
namespace {

constexpr std::size_t kWidth = 100;  // most columns of a table

struct StatusOptions {
  ControlOptions control;
  std::string subject;
};

struct StateColour {
  std::string_view state, escape;
};
constexpr std::string_view kGreen = "\x1b[32m", kYellow = "\x1b[33m", kRed = "\x1b[31m", kGrey = "\x1b[90m";
constexpr StateColour kColours[] = {
    {"active", kGreen},   {"up", kGreen},        {"usable", kGreen},    {"normal", kGreen},   {"releasing", kYellow},
    {"suspect", kYellow}, {"flapping", kYellow}, {"degraded", kYellow}, {"drained", kYellow}, {"failed-over", kYellow},
    {"frozen", kYellow},  {"forced", kYellow},   {"no-active", kRed},   {"split", kRed},      {"down", kRed},
    {"all-down", kRed},   {"suspended", kRed},   {"unknown", kGrey},    {"undecided", kGrey},
};

// The state, padded to `width`; in colour if `wants_colour(stdout)`.
std::string state_cell(std::string_view state, std::size_t width) {
  const std::string padded = fmt::format("{:<{}}", state, width);
  const auto row = std::ranges::find(kColours, state, &StateColour::state);
  if (row == std::end(kColours) || !wants_colour(stdout)) return padded;
  return fmt::format("{}{}\x1b[0m", row->escape, padded);
}

void heading(std::string_view words) {
  const bool bold = wants_colour(stdout);
  fmt::print("\n{}{}{}\n", bold ? "\x1b[1m" : "", words, bold ? "\x1b[0m" : "");
}

// Prints `words` from column `indent` on, wrapped at kWidth.
void print_words(std::string_view words, std::size_t indent) {
  while (indent + words.size() > kWidth) {
    std::size_t cut = words.rfind(' ', kWidth - indent);
    if (cut == std::string_view::npos || cut == 0) cut = kWidth - indent;
    fmt::print("{}\n{:{}}", words.substr(0, cut), "", indent);
    words.remove_prefix(std::min(words.size(), words.find_first_not_of(' ', cut)));
  }
  fmt::print("{}\n", words);
}

std::string text(const JsonValue& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string age(const JsonValue& object) {
  return object["age"].is_number() ? duration_text(object["age"].get<double>()) : "-";
}

const JsonValue& list(const JsonValue& object, const char* key) {
  static const JsonValue kNone = JsonValue::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : kNone;
}

std::size_t widest(const JsonValue& rows, const char* key, std::size_t least) {
  for (const JsonValue& row : rows) least = std::max(least, text(row, key).size());
  return least;
}

std::string joined(const JsonValue& texts) {
  std::string all;
  for (const JsonValue& each : texts) all += (all.empty() ? "" : ", ") + each.get<std::string>();
  return all;
}

void print_row(const JsonValue& row, std::size_t name_width, std::string_view mark, const std::string& words) {
  const std::string head = fmt::format("{}{:<{}}  ", mark, text(row, "name"), name_width);
  fmt::print("{}{}  {:<10}  ", head, state_cell(text(row, "state"), 11), age(row));
  print_words(words, head.size() + 11 + 2 + 10 + 2);
}

void print_routers(const JsonValue& routers) {
  if (routers.empty()) return;
  heading("Virtual routers");
  const std::size_t width = widest(routers, "name", 4);
  for (const JsonValue& router : routers) {
    const std::string active = text(router, "active");
    print_row(router, width, "  ", (active.empty() ? "nobody" : active) + "  " + text(router, "reason"));
  }
}

void print_links(const JsonValue& links) {
  if (links.empty()) return;
  heading("Links");
  const std::size_t width = widest(links, "name", 4);
  for (const JsonValue& link : links) print_row(link, width, "  ", text(link, "reason"));
}

// What clients get. In observe mode that is always what the zone file says.
std::string served_text(const JsonValue& record, bool observes) {
  const std::string state = text(record, "state"), addresses = joined(record["addresses"]);
  if (state == "undecided" || state == "suspended") return "as the zone file says";
  return fmt::format("{}{}  TTL {}", observes ? "as the zone file says; decided: " : "",
                     addresses.empty() ? "no data" : addresses, record.value("ttl", 0U));
}

void print_records(const JsonValue& records, bool observes) {
  if (!records.empty()) heading("Names");
  for (const JsonValue& record : records) {
    print_row(record, text(record, "name").size(), "  ", served_text(record, observes));
    fmt::print("    ");
    print_words(text(record, "rule"), 4);
    const JsonValue& members = list(record, "members");
    const std::size_t width = widest(members, "name", 4);
    for (const JsonValue& member : members)
      print_row(member, width, member.value("chosen", false) ? "  * " : "    ", text(member, "reason"));
  }
}

void print_overrides(const JsonValue& overrides) {
  if (!overrides.empty()) heading("Overrides");
  for (const JsonValue& entry : overrides) {
    std::string line = fmt::format("  {} {}", text(entry, "override"), text(entry, "subject"));
    if (entry["to"].is_string()) line += " to " + text(entry, "to");
    line += entry["until"].is_string() ? " until " + text(entry, "until") : " until removed";
    line += ", by " + text(entry, "by");
    fmt::print("{}{}\n", line, entry.value("effect", true) ? "" : " (no effect: not configured)");
  }
}

void print_alarms(const JsonValue& alarms) {
  if (!alarms.empty()) heading("Alarms");
  for (const JsonValue& alarm : alarms) {
    fmt::print("  ");
    const std::string subject = text(alarm, "subject");
    print_words(fmt::format("{}{}{}, since {}", subject, subject.empty() ? "" : ": ", text(alarm, "message"),
                            text(alarm, "since")),
                2);
  }
}

void print_publication_times(const JsonValue& times) {
  if (times["count"] == JsonValue(0)) return;
  const auto milliseconds = [&](const char* key) { return times[key].get<double>() * 1e3; };
  print_words(fmt::format("failover decisions published {}; time from cause to answer: median {:.2g} ms, 99% within "
                          "{:.2g} ms, longest {:.2g} ms",
                          times["count"].dump(), milliseconds("median"), milliseconds("p99"), milliseconds("longest")),
              0);
}

void print_server(const JsonValue& server) {
  fmt::print("waymark up {}, process {}, at {}\n", duration_text(server.value("uptime", 0.0)), server.value("pid", 0),
             joined(list(server, "addresses")));
  if (const JsonValue& absent = list(server, "absent_addresses"); !absent.empty())
    print_words("waiting for " + joined(absent) + ": this machine does not have it", 0);
  std::string counters;
  for (const auto& [name, count] : server["counters"].items())
    if (count != JsonValue(0)) counters += fmt::format("{}{} {}", counters.empty() ? "" : ", ", name, count.dump());
  if (!counters.empty()) print_words(counters, 0);
  print_publication_times(server["publication_times"]);
  heading("Zones");
  const std::size_t width = widest(server["zones"], "apex", 4);
  for (const JsonValue& zone : server["zones"])
    fmt::print("  {:<{}}  serial {:<10}  {} records\n", text(zone, "apex"), width, zone.value("serial", 0U),
               zone.value("records", std::uint64_t{0}));
}

void print_steering(const JsonValue& steering) {
  print_alarms(list(steering, "alarms"));
  print_routers(list(steering, "virtual_routers"));
  print_links(list(steering, "links"));
  print_records(list(steering, "records"), text(steering, "mode") == "observe");
  print_overrides(list(steering, "overrides"));
  if (text(steering, "mode") == "observe" && !list(steering, "records").empty())
    fmt::print("\nmode is observe: this is decided and not served\n");
}

Exit show(const StatusOptions& options) {
  server::Request request{.command = server::Command::kStatus};
  if (!options.subject.empty()) request.subjects = {options.subject};
  const auto reply = send_request(options.control, request);
  if (!reply) return print_control_error("status", reply.error());
  if (options.control.json) {
    fmt::print("{}\n", reply->dump());
    return Exit::kOk;
  }
  if (reply->contains("server")) print_server((*reply)["server"]);
  print_steering((*reply)["steering"]);
  return Exit::kOk;
}

}  // namespace

Action define_status(CommandLine& line) {
  auto options = std::make_shared<StatusOptions>();  // shared: the action owns it, the parser fills it
  line.operand(options->subject, "NAME", "Show only this managed name, link or virtual router");
  add_control_options(line, options->control);
  return [options] { return show(*options); };
}

}  // namespace tools
