// waymark simulate: prints how answers would change if links, routers or members failed. A running server simulates
// from its present state. With --offline, the simulation uses the configuration file and starts with everything up.
// Changes nothing.
#include <string>
#include <vector>

#include <fmt/format.h>

#include "server/config/config.h"
#include "server/control/status_json.h"
#include "tools/cli/files.h"
#include "tools/cli/terminal.h"
#include "tools/control/client.h"

namespace tools {
namespace {

struct SimulateOptions {
  ControlOptions control;
  std::vector<std::string> fail;
  bool offline = false;
};

// The state in which everything works: every check has been up for 24 hours without a loss, and the first router of
// each virtual router has been active for the same time.
server::HealthState all_well(const server::Plan& plan, server::Instant now) {
  server::HealthState health;
  for (std::size_t i = 0; i < plan.options.virtual_routers.size(); ++i) {
    server::VirtualRouterStatus seen;
    seen.state = server::VirtualRouterState::kActive;
    seen.active = 0;
    seen.since = now - std::chrono::hours(24);
    seen.reason = "assumed";
    health.routers.push_back(std::move(seen));
  }
  for (const server::CheckOptions& check : plan.checks) {
    server::CheckState up;
    up.health = server::Health::kUp;
    up.since = now - std::chrono::hours(24);
    up.detail = "assumed";
    const auto interval = std::max(check.monitor.interval, server::Duration{1});
    up.quality.samples = static_cast<std::size_t>(check.monitor.window / interval) + 1;
    health.checks.push_back(std::move(up));
  }
  return health;
}

ControlResult<JsonValue> offline(const SimulateOptions& options) {
  const auto usage = [](std::string words) { return dns::Failure<ControlError>({Exit::kUsage, std::move(words)}); };
  if (options.control.config.empty()) return usage("--offline needs a configuration: -c FILE");
  FileReader reader(server::IncludeScope::kAnywhere, kConfigLimits);
  dns::Diagnostics diagnostics;
  auto loaded = server::load_config(options.control.config, reader, diagnostics, std::nullopt, server::Secrets::kSkip);
  if (!loaded) return usage(fmt::format("{}: {}", options.control.config, loaded.error()));
  print_errors(diagnostics, loaded->sources);
  if (diagnostics.errors() > 0) return usage(fmt::format("{} has errors", options.control.config));
  const server::Plan plan = server::make_plan(std::move(loaded->options.steering));
  const auto failing = server::parse_failures(plan.options, options.fail);
  if (!failing) return usage(failing.error());
  const server::Moment at = server::FailoverThread::moment();
  server::Evaluator evaluator(plan);
  const server::HealthState health = all_well(plan, at.now);
  const std::vector<server::AdminOverride> overrides;
  evaluator.evaluate(health, overrides, at.now, at.wall);
  const auto simulated =
      server::simulate(evaluator, {health, overrides, at.now, at.wall}, *failing, server::kSimulatedTime);
  if (!simulated) return usage("a subject cannot fail");
  return server::simulation_json(plan.options, *simulated, *failing);
}

std::string joined_or_none(const JsonValue& texts) {
  std::string all;
  for (const JsonValue& each : texts) all += (all.empty() ? "" : ", ") + each.get<std::string>();
  return all.empty() ? "none" : all;
}

std::string state_text(const JsonValue& record) {
  return fmt::format("{:<11}  {}  ({})  TTL {}", record.value("state", ""), joined_or_none(record["addresses"]),
                     joined_or_none(record["members"]), record.value("ttl", 0U));
}

void print(const JsonValue& simulation) {
  fmt::print("if {} failed:\n", joined_or_none(simulation["fail"]));
  for (const JsonValue& record : simulation["records"]) {
    fmt::print("\n{}\n  before         {}\n", record.value("name", ""), state_text(record["before"]));
    for (const JsonValue& change : record["changes"])
      fmt::print("  after {:>7}  {}\n", duration_text(change.value("at", 0.0)), state_text(change));
    fmt::print("  then           {}\n                 {}\n", state_text(record["after"]),
               record["after"].value("rule", ""));
    if (record["exposure"].is_number())
      fmt::print("  found after {} at the latest; the last client follows within {}\n",
                 duration_text(record.value("detection", 0.0)), duration_text(record.value("exposure", 0.0)));
  }
  if (simulation["stopped"].is_number())
    fmt::print("\nthe simulation stopped after {} steps, at {}; later changes are not shown\n",
               server::kMaxSimulatedSteps, duration_text(simulation.value("stopped", 0.0)));
  if (!simulation["undetected"].empty())
    fmt::print("\nnothing that is watched would notice: {}\n", joined_or_none(simulation["undetected"]));
}

Exit show(const SimulateOptions& options) {
  const auto simulation =
      options.offline
          ? offline(options)
          : send_request(options.control, {.command = server::Command::kSimulate, .subjects = options.fail});
  if (!simulation) return print_control_error("simulate", simulation.error());
  if (options.control.json) fmt::print("{}\n", simulation->dump());
  else print(*simulation);
  return Exit::kOk;
}

}  // namespace

Action define_simulate(CommandLine& line) {
  auto options = std::make_shared<SimulateOptions>();  // shared: the action owns it, the parser fills it
  line.option("--fail", options->fail, "SUBJECT",
              "What fails: a link (isp-a), virtual router (lan-gw), router (lan-gw:rtr-a) or member "
              "(www.example.com:via-a)")
      .required();
  line.flag("--offline", options->offline, "Use only the configuration file, and start with everything up");
  add_control_options(line, options->control);
  return [options] { return show(*options); };
}

}  // namespace tools
