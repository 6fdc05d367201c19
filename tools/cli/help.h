// The help of `waymark` and of each command, made from the table of commands and their declared options.
#pragma once

#include <string>

#include "tools/cli/command.h"

namespace tools {

std::string general_help();
std::string command_help(const CommandRow& row);

// Every heading of `row`'s options with what stands below it, in the order of their declaration.
struct OptionGroup {
  std::string heading;
  std::vector<const Option*> options;
};
std::vector<OptionGroup> groups_of(const CommandLine& line);

// "default: 10", "range: 0-99", "may be repeated": what the help says of an option beside its words.
std::vector<std::string> facts_of(const Option& option);

struct ExitRow {
  Exit code;
  std::string_view words;
};
std::span<const ExitRow> exit_codes();

}  // namespace tools
