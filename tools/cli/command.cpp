#include "tools/cli/command.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tools/cli/completion.h"
#include "tools/cli/help.h"
#include "tools/cli/manual.h"
#include "tools/cli/terminal.h"
#include "zone/base/suggest.h"

namespace tools {
namespace {

using Arguments = std::span<const char* const>;

// Commands for scripts. The help does not list them.
struct InternalRow {
  std::string_view name;
  Exit (*run)(Arguments arguments);
};
constexpr InternalRow kInternal[] = {
    {"complete",
     [](Arguments arguments) {
       fmt::print("{}", completions({arguments.begin(), arguments.end()}));
       return Exit::kOk;
     }},
    {"manual",
     [](Arguments) {
       fmt::print("{}", manual_page());
       return Exit::kOk;
     }},
};

Exit print_general_help() {
  fmt::print("{}", general_help());
  return Exit::kOk;
}

Exit unknown_command(std::string_view typed) {
  std::vector<std::string_view> names;
  for (const CommandRow& row : commands()) names.push_back(row.name);
  const std::string_view near = dns::nearest_word(typed, names);
  print_error(
      fmt::format("unknown command `{}`{}", typed, near.empty() ? "" : fmt::format("; did you mean `{}`?", near)));
  return Exit::kUsage;
}

// Names variables of the environment that no command reads but that resemble one that is read.
void warn_about_variables() {
  constexpr std::string_view kPrefix = "WAYMARK_";
  std::vector<std::string> known;
  for (const CommandRow& row : commands()) {
    CommandLine line;
    row.define(line);
    for (const Option& option : line.options())
      if (option.environment.starts_with(kPrefix)) known.push_back(option.environment.substr(kPrefix.size()));
  }
  const std::vector<std::string_view> names(known.begin(), known.end());
  for (const char* const* entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable(*entry);
    if (!variable.starts_with(kPrefix)) continue;
    const std::string_view name = variable.substr(kPrefix.size(), variable.find('=') - kPrefix.size());
    if (std::ranges::find(names, name) != names.end()) continue;
    if (const std::string_view near = dns::nearest_word(name, names); !near.empty())
      print_error(fmt::format("the variable {0}{1} is ignored; did you mean {0}{2}?", kPrefix, name, near));
  }
}

Exit run_command(const CommandRow& row, Arguments arguments) {
  CommandLine line;
  const Action action = row.define(line);
  const auto parsed = parse(line, arguments);
  if (!parsed) {
    print_error(fmt::format("{}: {}", row.name, parsed.error()));
    write_to(stderr, fmt::format("`waymark {} --help` shows the usage\n", row.name));
    return Exit::kUsage;
  }
  if (*parsed == Parsed::kReady) {
    warn_about_variables();
    return action();
  }
  fmt::print("{}", command_help(row));
  return Exit::kOk;
}

Exit help_of(std::string_view command) {
  const CommandRow* row = find_command(command);
  if (row == nullptr) return unknown_command(command);
  fmt::print("{}", command_help(*row));
  return Exit::kOk;
}

}  // namespace

Exit run(Arguments arguments) {
  if (arguments.empty()) {
    write_to(stderr, general_help());
    return Exit::kUsage;
  }
  const std::string_view first = arguments.front();
  if (first == "--help" || first == "-h") return print_general_help();
  if (first == "help") return arguments.size() > 1 ? help_of(arguments[1]) : print_general_help();
  for (const InternalRow& row : kInternal)
    if (row.name == first) return row.run(arguments.subspan(1));
  const bool asks_version = first == "--version" || first == "-V";
  const CommandRow* row = find_command(asks_version ? "version" : first);
  return row == nullptr ? unknown_command(first) : run_command(*row, arguments.subspan(1));
}

}  // namespace tools
