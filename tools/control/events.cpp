// waymark events: prints the latest state changes and, with --follow, each new one.
#include <string>

#include <fmt/format.h>

#include "tools/control/client.h"

namespace tools {
namespace {

struct EventsOptions {
  ControlOptions control;
  std::size_t count = 20;
  bool follow = false;
};

void print(const JsonValue& event, const EventsOptions& options) {
  if (options.control.json) {
    fmt::print("{}\n", event.dump());
  } else {
    std::string line =
        fmt::format("{}  {:<10}  {}", event.value("time", ""), event.value("kind", ""), event.value("subject", ""));
    if (!event.value("to", "").empty())
      line += fmt::format(" {} -> {}", event.value("from", ""), event.value("to", ""));
    if (!event.value("reason", "").empty()) line += ": " + event.value("reason", "");
    fmt::print("{}\n", line);
  }
  std::fflush(stdout);
}

Exit show(const EventsOptions& options) {
  const server::Request request{.command = server::Command::kEvents, .follow = options.follow, .count = options.count};
  const auto shown = follow(options.control, request, [&](const JsonValue& line) {
    if (line.contains("event")) print(line["event"], options);
    else
      for (const JsonValue& event : line.value("events", JsonValue::array())) print(event, options);
    return options.follow;
  });
  return shown ? Exit::kOk : print_control_error("events", shown.error());
}

}  // namespace

Action define_events(CommandLine& line) {
  auto options = std::make_shared<EventsOptions>();  // shared: the action owns it, the parser fills it
  line.option("-n,--count", options->count, "N", "Number of events to show").range(1, 1000);
  line.flag("-f,--follow", options->follow, "Keep printing new events");
  add_control_options(line, options->control);
  return [options] { return show(*options); };
}

}  // namespace tools
