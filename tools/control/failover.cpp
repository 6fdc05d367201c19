// waymark failover: one member is to be answered, whatever the evidence says; or the evidence is to decide again.
#include <string>

#include <CLI/CLI.hpp>

#include "tools/control/client.h"

namespace tools {
namespace {

struct FailoverOptions {
  ControlOptions control;
  std::string name, member;
  std::optional<std::chrono::seconds> span;
};

}  // namespace

Action define_failover(CLI::App& app) {
  auto options =
      std::make_shared<FailoverOptions>();  // shared: the options' owner is the action, which CLI11 fills from afar
  app.add_option("name", options->name,
                 "The managed name; without TYPE and VIEW all of its answers that have the member")
      ->required()
      ->type_name("NAME[/TYPE][@VIEW]");
  app.add_option("--to", options->member, "The member to answer; auto takes the order back")
      ->required()
      ->type_name("MEMBER|auto");
  add_duration_option(app, options->span);
  add_control_options(app, options->control);
  return [options] {
    return send_override(options->control, {.command = server::Command::kFailover,
                                            .subjects = {options->name},
                                            .member = options->member,
                                            .duration = options->span});
  };
}

}  // namespace tools
