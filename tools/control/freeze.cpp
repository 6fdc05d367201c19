// waymark freeze: answers are to stay as they are until the order ends.
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

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
    print_error("freeze: name what is to stay as it is, or say --all");
    return Exit::kUsage;
  }
  const std::vector<std::string> subjects = options.all ? std::vector<std::string>{"*"} : options.names;
  return send_override(
      options.control,
      {.command = server::Command::kFreeze, .subjects = subjects, .duration = options.span, .undo = options.undo});
}

}  // namespace

Action define_freeze(CLI::App& app) {
  auto options =
      std::make_shared<FreezeOptions>();  // shared: the options' owner is the action, which CLI11 fills from afar
  app.add_option("name", options->names, "Managed names")->type_name("NAME[/TYPE][@VIEW]");
  app.add_flag("--all", options->all, "Every managed name");
  app.add_flag("--undo", options->undo, "Take the order back");
  add_duration_option(app, options->span);
  add_control_options(app, options->control);
  return [options] { return freeze(*options); };
}

}  // namespace tools
