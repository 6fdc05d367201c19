// The subcommands of `waymark`: a table, and the one way in which each is parsed, helped and run.
//
// A subcommand is a row of `commands()` and a file of its own that declares its options on a CLI::App and returns what
// is to be done once they are parsed. Options of the other commands are never looked at, so that a bad environment
// variable of one cannot stop another. Help, "did you mean" and completion come from the same declarations and cannot
// go stale.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace CLI {
class App;
}

namespace tools {

// What a shell sees. The same table stands in the help, the man page and the README.
enum class Exit : int {
  kOk = 0,           // done
  kProblems = 1,     // faults in a zone, files that differ, an unhealthy answer
  kUsage = 2,        // the command line or its environment
  kUnreachable = 3,  // no server answered
  kRefused = 4,      // a server answered, and will not serve us
  kInternal = 5,     // what should not happen
};

using Action = std::function<Exit()>;

struct CommandRow {
  std::string_view name;
  std::string_view group;  // heading under which the general help lists it
  std::string_view summary;
  std::string_view examples;  // lines at the end of its own help
  Action (*define)(CLI::App& app);
};

std::span<const CommandRow> commands();

// The command's options, declared but not parsed: for help and completion.
std::unique_ptr<CLI::App> declare(const CommandRow& row);

// Runs the command that `arguments` (without the program's name) ask for.
Exit run(std::span<const char* const> arguments);

Action define_serve(CLI::App& app);
Action define_check(CLI::App& app);
Action define_explain(CLI::App& app);
Action define_query(CLI::App& app);
Action define_fmt(CLI::App& app);
Action define_diff(CLI::App& app);
Action define_health(CLI::App& app);
Action define_bench(CLI::App& app);
Action define_probe(CLI::App& app);
Action define_stamp_reflect(CLI::App& app);
Action define_status(CLI::App& app);
Action define_failover(CLI::App& app);
Action define_drain(CLI::App& app);
Action define_freeze(CLI::App& app);
Action define_simulate(CLI::App& app);
Action define_events(CLI::App& app);
Action define_completion(CLI::App& app);
Action define_version(CLI::App& app);

}  // namespace tools
