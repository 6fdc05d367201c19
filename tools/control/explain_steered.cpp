#include "tools/control/explain_steered.h"

#include <fmt/format.h>

#include "server/config/config.h"
#include "server/control/status_json.h"
#include "tools/cli/files.h"

namespace tools {
namespace {

// The state that a server has before its first check result.
ControlResult<std::optional<JsonValue>> from_configuration(const std::string& path, const std::string& name,
                                                           const std::string& type) {
  FileReader reader(server::IncludeScope::kAnywhere, kConfigLimits);
  dns::Diagnostics diagnostics;
  auto loaded = server::load_config(path, reader, diagnostics, std::nullopt, server::Secrets::kSkip);
  if (!loaded) return dns::Failure<ControlError>({Exit::kUsage, fmt::format("{}: {}", path, loaded.error())});
  print_errors(diagnostics, loaded->sources);
  if (diagnostics.errors() > 0) return dns::Failure<ControlError>({Exit::kUsage, fmt::format("{} has errors", path)});
  const server::Moment at = server::FailoverThread::moment();
  const server::FailoverController controller(std::move(loaded->options.steering), {}, at, {});
  JsonValue records = JsonValue::array();
  for (const std::size_t i : server::find_records(controller.plan().options, name + "/" + type))
    records.push_back(server::record_json(controller, i, at));
  if (records.empty()) return std::nullopt;
  return JsonValue{{"source", "the configuration, with everything unknown"},
                   {"records", std::move(records)},
                   {"clients", JsonValue::array()}};
}

std::string failed_over_addresses(const JsonValue& texts) {
  if (texts.is_null()) return "the records of the zone file";
  std::string all;
  for (const JsonValue& each : texts) all += (all.empty() ? "" : ", ") + each.get<std::string>();
  return all.empty() ? "no data" : all;
}

std::string for_duration(const JsonValue& object) {
  return object["age"].is_number() ? " for " + duration_text(object["age"].get<double>()) : "";
}

}  // namespace

ControlResult<std::optional<JsonValue>> steered(const SteeredQuestion& asked, const std::string& name,
                                                const std::string& type) {
  auto reply = send_request(asked.control, {.command = server::Command::kExplain,
                                            .subjects = {name},
                                            .type = type,
                                            .client = asked.client,
                                            .view = asked.view,
                                            .local = asked.local});
  if (reply && reply->value("managed", false)) {
    return JsonValue{{"source", "the running server"},
                     {"mode", (*reply)["mode"]},
                     {"records", (*reply)["records"]},
                     {"clients", (*reply)["clients"]}};
  }
  if (!reply && asked.control.socket.empty() && asked.control.config.empty()) return std::nullopt;
  if (!reply && (reply.error().exit != Exit::kUnreachable || !asked.control.socket.empty()))
    return dns::Failure(reply.error());
  if (!asked.control.config.empty() && !reply) return from_configuration(asked.control.config, name, type);
  return std::nullopt;
}

void print_steered(const JsonValue& steered) {
  fmt::print(";; FAILOVER, from {}{}:\n", steered.value("source", ""),
             steered.value("mode", "") == "observe" ? " (observe mode: decided, not served)" : "");
  for (const JsonValue& record : steered["records"]) {
    fmt::print(";   {} {}{}: {} TTL {}\n", record.value("name", ""), record.value("state", ""), for_duration(record),
               failed_over_addresses(record["addresses"]), record.value("ttl", 0U));
    if (!record.value("rule", "").empty()) fmt::print(";     rule: {}\n", record.value("rule", ""));
    for (const JsonValue& member : record["members"])
      fmt::print(";     {} {} {}{}: {}\n", member.value("chosen", false) ? "*" : " ", member.value("name", ""),
                 member.value("state", ""), for_duration(member), member.value("reason", ""));
  }
  for (const JsonValue& client : steered["clients"])
    fmt::print(";   client {}{}{} gets {}\n", client.value("client", ""),
               client.value("local", "").empty() ? "" : " at " + client.value("local", ""),
               client["view"].is_string() ? ", in view " + client.value("view", "") : "",
               failed_over_addresses(client["addresses"]));
}

}  // namespace tools
