// waymark reload: makes a running server read its configuration and the changed zones again, and prints what it did.
#include <string>

#include <fmt/format.h>

#include "tools/control/client.h"

namespace tools {
namespace {

Exit reload(const ControlOptions& options) {
  const auto reply = send_request(options, {.command = server::Command::kReload});
  if (!reply) return print_control_error("reload", reply.error());
  if (options.json) fmt::print("{}\n", reply->dump());
  else
    for (const JsonValue& line : reply->value("lines", JsonValue::array()))
      fmt::print("{}\n", line.is_string() ? line.get<std::string>() : line.dump());
  return reply->value("refused", false) ? Exit::kProblems : Exit::kOk;
}

}  // namespace

Action define_reload(CommandLine& line) {
  auto options = std::make_shared<ControlOptions>();  // shared: the action owns it, the parser fills it
  add_control_options(line, *options);
  return [options] { return reload(*options); };
}

}  // namespace tools
