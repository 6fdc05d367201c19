// waymark drain: takes a link, router or member out of use, or forces its state to down or up.
#include <string>
#include <vector>

#include "tools/cli/terminal.h"
#include "tools/control/client.h"

namespace tools {
namespace {

struct DrainOptions {
  ControlOptions control;
  std::vector<std::string> subjects;
  std::optional<std::chrono::seconds> span;
  bool down = false, up = false, undo = false;
};

Exit drain(const DrainOptions& options) {
  if (options.down + options.up + options.undo > 1) {
    print_error("drain: use only one of --down, --up and --undo");
    return Exit::kUsage;
  }
  return send_override(options.control, {.command = server::Command::kDrain,
                                         .subjects = options.subjects,
                                         .duration = options.span,
                                         .as = options.down ? "down"
                                               : options.up ? "up"
                                                            : "",
                                         .undo = options.undo});
}

}  // namespace

Action define_drain(CommandLine& line) {
  auto options = std::make_shared<DrainOptions>();  // shared: the action owns it, the parser fills it
  line.operand(options->subjects, "SUBJECT",
               "A link (isp-a), router (lan-gw:rtr-a) or member (www.example.com:via-a, *:via-a)")
      .required();
  line.flag("--down", options->down, "Treat it as failed: it is never used");
  line.flag("--up", options->up, "Treat it as healthy, whatever its checks say");
  line.flag("--undo", options->undo, "Remove the override");
  add_duration_option(line, options->span);
  add_control_options(line, options->control);
  return [options] { return drain(*options); };
}

}  // namespace tools
