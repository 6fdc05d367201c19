// The help of `waymark` and of each command, generated from the table of commands and their declared options.
#pragma once

#include <string>

#include "tools/cli/command.h"

namespace tools {

std::string general_help();
std::string command_help(const CommandRow& row);

// The options of `line` under their headings, in the order of declaration.
struct OptionGroup {
  std::string heading;
  std::vector<const Option*> options;
};
std::vector<OptionGroup> groups_of(const CommandLine& line);

// The properties that the help lists after the description of an option: "default: 10", "range: 0-99", "may be
// repeated".
std::vector<std::string> facts_of(const Option& option);

struct ExitRow {
  Exit code;
  std::string_view words;
};
std::span<const ExitRow> exit_codes();

}  // namespace tools
