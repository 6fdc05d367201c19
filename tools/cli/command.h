// The commands of `waymark`: a table, and the one way in which each is parsed and run.
//
// A command is a row of `commands()` and a file of its own, which declares its options on a CommandLine and returns
// what to do once they are parsed. Only the options of the command that runs are looked at: a bad environment variable
// of one command cannot stop another. Help, manual page, "did you mean" and completion read the same declarations.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "tools/cli/command_line.h"

namespace tools {

// What a shell sees. The help and the manual page list the same codes.
enum class Exit : int {
  kOk = 0,           // done
  kProblems = 1,     // errors in a zone, files that differ, an unhealthy answer
  kUsage = 2,        // the command line or the environment
  kUnreachable = 3,  // no server answered
  kRefused = 4,      // a server answered and refused
  kInternal = 5,     // a bug
};

using Action = std::function<Exit()>;

struct CommandRow {
  std::string_view name;
  std::string_view group;  // heading under which the general help lists it
  std::string_view usage;  // its operands; one form per line
  std::string_view summary;
  std::string_view manual;    // paragraphs for the manual page; `words` in backquotes are options, variables or code
  std::string_view examples;  // one command per line
  Action (*define)(CommandLine& line);
};

std::span<const CommandRow> commands();
// Null where there is none.
const CommandRow* find_command(std::string_view name);

// The options of a command, for those who only read them.
CommandLine declared(const CommandRow& row);

// Runs the command that `arguments` (without the program's name) ask for.
Exit run(std::span<const char* const> arguments);

Action define_serve(CommandLine& line);
Action define_check(CommandLine& line);
Action define_explain(CommandLine& line);
Action define_query(CommandLine& line);
Action define_fmt(CommandLine& line);
Action define_diff(CommandLine& line);
Action define_health(CommandLine& line);
Action define_bench(CommandLine& line);
Action define_probe(CommandLine& line);
Action define_stamp_reflect(CommandLine& line);
Action define_status(CommandLine& line);
Action define_failover(CommandLine& line);
Action define_drain(CommandLine& line);
Action define_freeze(CommandLine& line);
Action define_simulate(CommandLine& line);
Action define_events(CommandLine& line);
Action define_completion(CommandLine& line);
Action define_version(CommandLine& line);

}  // namespace tools
