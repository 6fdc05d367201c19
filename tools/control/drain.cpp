// waymark drain: a link, router or member is to be avoided, or to count as down or up, whatever its checks say.
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/control/client.h"

namespace tools {
namespace {

struct DrainOptions {
  ControlOptions control;
  std::vector<std::string> subjects;
  std::optional<std::chrono::seconds> span;
  bool down = false, up = false, undo = false;
};

}  // namespace

Action define_drain(CLI::App& app) {
  auto options =
      std::make_shared<DrainOptions>();  // shared: the options' owner is the action, which CLI11 fills from afar
  app.add_option("subject", options->subjects,
                 "A link, a router (lan-gw:rtr-a), a member (www.example.com:via-a, *:via-a)")
      ->required()
      ->type_name("SUBJECT");
  CLI::Option* down = app.add_flag("--down", options->down, "Count as down: not even where nothing else is left");
  CLI::Option* up = app.add_flag("--up", options->up, "Count as up, whatever the checks say")->excludes(down);
  app.add_flag("--undo", options->undo, "Take the order back")->excludes(down)->excludes(up);
  add_duration_option(app, options->span);
  add_control_options(app, options->control);
  return [options] {
    return send_override(options->control, {.command = server::Command::kDrain,
                                            .subjects = options->subjects,
                                            .duration = options->span,
                                            .as = options->down ? "down"
                                                  : options->up ? "up"
                                                                : "",
                                            .undo = options->undo});
  };
}

}  // namespace tools
