// waymark failover: forces an answer to one member, independent of its health, or removes this override.
#include <string>

#include "tools/control/client.h"

namespace tools {
namespace {

struct FailoverOptions {
  ControlOptions control;
  std::string name, member;
  std::optional<std::chrono::seconds> span;
};

}  // namespace

Action define_failover(CommandLine& line) {
  auto options = std::make_shared<FailoverOptions>();  // shared: the action owns it, the parser fills it
  line.operand(options->name, "NAME[/TYPE][@VIEW]",
               "Managed name; without TYPE and VIEW all of its answers that have the member")
      .required();
  line.option("--to", options->member, "MEMBER|auto", "Member to answer; auto removes the override").required();
  add_duration_option(line, options->span);
  add_control_options(line, options->control);
  return [options] {
    return send_override(options->control, {.command = server::Command::kFailover,
                                            .subjects = {options->name},
                                            .member = options->member,
                                            .duration = options->span});
  };
}

}  // namespace tools
