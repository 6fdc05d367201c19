// waymark changes: prints the records that a running server has removed and added in a zone since a serial.
#include <string>

#include <fmt/format.h>

#include "tools/cli/terminal.h"
#include "tools/control/client.h"

namespace tools {
namespace {

struct ChangesOptions {
  ControlOptions control;
  std::string zone;
  std::optional<std::uint32_t> since;
};

void print_changes(const JsonValue& reply) {
  fmt::print("{} {} -> {}\n", reply.value("zone", ""), reply.value("from", 0U), reply.value("to", 0U));
  const bool colour = wants_colour(stdout);
  for (const JsonValue& line : reply["changes"]) {
    const std::string text = line.get<std::string>();
    const std::string_view paint = !colour ? "" : text.starts_with('-') ? "\x1b[31m" : "\x1b[32m";
    fmt::print("{}{}{}\n", paint, text, colour ? "\x1b[0m" : "");
  }
  if (const auto more = reply.value("more", 0U); more > 0) fmt::print("and {} more\n", more);
}

Exit show(const ChangesOptions& options) {
  const auto reply = send_request(
      options.control, {.command = server::Command::kChanges, .subjects = {options.zone}, .since = options.since});
  if (!reply) return print_control_error("changes", reply.error());
  if (options.control.json) fmt::print("{}\n", reply->dump());
  else print_changes(*reply);
  return Exit::kOk;
}

}  // namespace

Action define_changes(CommandLine& line) {
  auto options = std::make_shared<ChangesOptions>();  // shared: the action owns it, the parser fills it
  line.operand(options->zone, "ZONE", "Name of the zone").required();
  line.option("-s,--since", options->since, "SERIAL", "Serial of an earlier version");
  add_control_options(line, options->control);
  return [options] { return show(*options); };
}

}  // namespace tools
