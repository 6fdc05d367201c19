#include "tools/cli/help.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace tools {
namespace {

constexpr std::size_t kWidth = 80;   // of a line, in columns
constexpr std::size_t kColumn = 27;  // where descriptions begin

constexpr std::array kExitCodes{
    ExitRow{Exit::kOk, "success"},
    ExitRow{Exit::kProblems,
            "problems found: errors in a zone, files that differ, an unhealthy answer, an address in use"},
    ExitRow{Exit::kUsage, "wrong usage: the command line, the environment or a file named there"},
    ExitRow{Exit::kUnreachable, "no server could be reached"},
    ExitRow{Exit::kRefused, "the server refused"},
    ExitRow{Exit::kInternal, "internal error"},
};
constexpr std::string_view kExitLines =
    "Exit codes:\n"
    "  0 success   1 problems found   2 wrong usage   3 server unreachable\n"
    "  4 refused   5 internal error\n";

constexpr std::string_view kMore =
    "`waymark COMMAND --help` shows the options of a command, their environment\n"
    "variables, and examples.\n";

// Wraps `words` at kWidth. The first line begins at column `from`; the next ones are indented by `from`.
std::string wrapped(std::string_view words, std::size_t from) {
  std::string out;
  std::size_t at = from;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (at > from && at + 1 + end > kWidth) {
      out += '\n' + std::string(from, ' ');
      at = from;
    } else if (at > from) {
      out += ' ';
      ++at;
    }
    out += words.substr(0, end);
    at += end;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return out + '\n';
}

std::string row_text(const std::string& head, const std::string& words) {
  std::string out = "  " + head;
  if (out.size() + 2 > kColumn) out += '\n' + std::string(kColumn, ' ');
  else out.append(kColumn - out.size(), ' ');
  return out + wrapped(words, kColumn);
}

std::string head_of(const Option& option) {
  if (option.is_operand()) return option.value;
  const bool has_short = !option.flags.front().starts_with("--");
  std::string head = has_short ? "" : "    ";
  head += fmt::format("{}", fmt::join(option.flags, ", "));
  return option.is_switch() ? head : head + ' ' + option.value;
}

std::string words_of(const Option& option) {
  std::string words = option.about;
  const std::vector<std::string> facts = facts_of(option);
  if (!facts.empty()) words += fmt::format(" ({})", fmt::join(facts, "; "));
  if (!option.environment.empty()) words += fmt::format(" [env: {}]", option.environment);
  return words;
}

std::string usage_of(const CommandRow& row) {
  std::string out;
  std::string_view left = row.usage;
  do {
    const std::size_t end = std::min(left.find('\n'), left.size());
    out += fmt::format("{} waymark {} [OPTIONS]{}{}\n", out.empty() ? "Usage:" : "      ", row.name,
                       end == 0 ? "" : " ", left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
  } while (!left.empty());
  return out;
}

std::string indented(std::string_view lines) {
  std::string out;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n') + 1, lines.size());
    out.append("  ").append(lines.substr(0, end));
    lines.remove_prefix(end);
  }
  return out;
}

}  // namespace

std::span<const ExitRow> exit_codes() { return kExitCodes; }

std::vector<std::string> facts_of(const Option& option) {
  std::vector<std::string> facts;
  if (!option.preset.empty()) facts.push_back("default: " + option.preset);
  if (!option.limits.empty()) facts.push_back("range: " + option.limits);
  if (option.needed && !option.is_operand()) facts.emplace_back("required");
  if (option.repeats && !option.is_operand()) facts.emplace_back("may be repeated");
  return facts;
}

std::vector<OptionGroup> groups_of(const CommandLine& line) {
  std::vector<OptionGroup> groups;
  for (const Option& option : line.options()) {
    const std::string heading = !option.group.empty() ? option.group : option.is_operand() ? "Operands" : "Options";
    auto group = std::ranges::find(groups, heading, &OptionGroup::heading);
    if (group == groups.end()) group = groups.insert(group, {heading, {}});
    group->options.push_back(&option);
  }
  return groups;
}

std::string command_help(const CommandRow& row) {
  std::string out = fmt::format("{}\n\n{}", row.summary, usage_of(row));
  const CommandLine line = declared(row);
  std::vector<OptionGroup> groups = groups_of(line);
  if (std::ranges::find(groups, "Options", &OptionGroup::heading) == groups.end()) groups.push_back({"Options", {}});
  for (const OptionGroup& group : groups) {
    out += fmt::format("\n{}:\n", group.heading);
    for (const Option* option : group.options) out += row_text(head_of(*option), words_of(*option));
    if (group.heading == "Options") out += row_text("-h, --help", "Show this help");
  }
  return out + fmt::format("\nExamples:\n{}\n{}", indented(row.examples), kExitLines);
}

std::string general_help() {
  std::string out =
      "waymark: an authoritative DNS server with failover, and tools for zone files\n\n"
      "Usage: waymark COMMAND [OPTIONS]\n";
  std::string_view group;
  for (const CommandRow& row : commands()) {
    if (row.group != group) out += fmt::format("\n{}:\n", row.group);
    group = row.group;
    out += fmt::format("  {:<15}{}", row.name, wrapped(row.summary, 17));
  }
  return out + fmt::format("\n{}\n{}", kExitLines, kMore);
}

}  // namespace tools
