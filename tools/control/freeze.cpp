// waymark freeze: stops automatic changes of answers until the override ends.
#include <string>
#include <vector>

#include "tools/cli/terminal.h"
#include "tools/control/client.h"

namespace tools {
namespace {

struct FreezeOptions {
  ControlOptions control;
  std::vector<std::string> names;
  std::optional<std::chrono::seconds> span;
  bool all = false, undo = false;
};

Exit freeze(const FreezeOptions& options) {
  if (options.all != options.names.empty()) {
    print_error("freeze: give managed names or --all");
    return Exit::kUsage;
  }
  const std::vector<std::string> subjects = options.all ? std::vector<std::string>{"*"} : options.names;
  return send_override(
      options.control,
      {.command = server::Command::kFreeze, .subjects = subjects, .duration = options.span, .undo = options.undo});
}

}  // namespace

Action define_freeze(CommandLine& line) {
  auto options = std::make_shared<FreezeOptions>();  // shared: the action owns it, the parser fills it
  line.operand(options->names, "NAME[/TYPE][@VIEW]", "Managed names to freeze");
  line.flag("--all", options->all, "Freeze every managed name");
  line.flag("--undo", options->undo, "Remove the override");
  add_duration_option(line, options->span);
  add_control_options(line, options->control);
  return [options] { return freeze(*options); };
}

}  // namespace tools
