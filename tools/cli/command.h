// The table of `waymark` commands, and the function that parses and runs them.
//
// A command is a row of `commands()` and a source file. The file declares the options on a CommandLine and returns the
// action that runs after the parsing. Only the options of the running command are parsed, so an invalid environment
// variable of another command has no effect. Help, manual page, suggestions and completion use the same declarations.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "tools/cli/command_line.h"

namespace tools {

// Exit codes. The help and the manual page list them.
enum class Exit : int {
  kOk = 0,           // success
  kProblems = 1,     // errors in a zone, files that differ, an unhealthy answer
  kUsage = 2,        // an error in the command line, the environment or a file named there
  kUnreachable = 3,  // no server answered
  kRefused = 4,      // a server answered and refused
  kInternal = 5,     // a bug
};

using Action = std::function<Exit()>;

struct CommandRow {
  std::string_view name;
  std::string_view group;  // heading under which the general help lists it
  std::string_view usage;  // operands; one form per line
  std::string_view summary;
  std::string_view manual;    // paragraphs for the manual page; `words` in backquotes are options, variables or code
  std::string_view examples;  // one command per line
  Action (*define)(CommandLine& line);
};

std::span<const CommandRow> commands();
// Null if the command does not exist.
const CommandRow* find_command(std::string_view name);

// The declared options of a command, for help, manual page and completion.
CommandLine declared(const CommandRow& row);

// Runs the command in `arguments`, which do not include the program's name.
Exit run(std::span<const char* const> arguments);

Action define_serve(CommandLine& line);
Action define_check(CommandLine& line);
Action define_explain(CommandLine& line);
Action define_query(CommandLine& line);
Action define_fmt(CommandLine& line);
Action define_diff(CommandLine& line);
Action define_journal(CommandLine& line);
Action define_health(CommandLine& line);
Action define_bench(CommandLine& line);
Action define_probe(CommandLine& line);
Action define_stamp_reflect(CommandLine& line);
Action define_status(CommandLine& line);
Action define_failover(CommandLine& line);
Action define_drain(CommandLine& line);
Action define_freeze(CommandLine& line);
Action define_reload(CommandLine& line);
Action define_simulate(CommandLine& line);
Action define_events(CommandLine& line);
Action define_changes(CommandLine& line);
Action define_completion(CommandLine& line);
Action define_version(CommandLine& line);

}  // namespace tools
