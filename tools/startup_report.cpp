#include "tools/startup_report.h"

#include <unistd.h>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "server/config/config.h"
#include "server/listen/address_watch.h"
#include "tools/cli/json.h"
#include "tools/cli/terminal.h"
#include "zone/field/text.h"
#include "zone/name/text.h"

namespace tools {
namespace {

constexpr std::size_t kZonesShown = 10;  // in the report; the other zones are only counted
constexpr int kBestRank = 4;             // the rank of www

ExampleQuery example_of(const dns::Zone& zone) {
  const std::string apex = dns::to_text(zone.apex());
  const bool reverse = apex.ends_with(".arpa.");
  const auto has = [&zone](const std::string& name, dns::Type type) {
    const auto parsed = dns::parse_name(name);
    if (!parsed) return false;
    const auto node = zone.find_exact(parsed->view());
    return node && node->has(type);
  };
  const std::string www = apex == "." ? "www." : "www." + apex;
  for (const dns::Type type : {dns::Type::A, dns::Type::CNAME, dns::Type::AAAA})
    if (has(www, type)) return {kBestRank, www, type == dns::Type::AAAA ? "AAAA" : "A"};
  for (const dns::Type type : {dns::Type::A, dns::Type::AAAA})
    if (has(apex, type)) return {3, apex, dns::to_text(type)};
  return {reverse ? 1 : 2, apex, "SOA"};
}

std::string dig_line(const server::ListenAddress& endpoint, const ExampleQuery& example) {
  const std::string loopback = endpoint.address_size == 4 ? "127.0.0.1" : "::1";
  const std::string address = server::is_wildcard(endpoint) ? loopback : server::address_text(endpoint);
  std::string name = example.name;
  if (name.size() > 1) name.pop_back();
  const std::string port = endpoint.port == server::kDnsPort ? "" : fmt::format(" -p {}", endpoint.port);
  return fmt::format("dig @{}{} {}{}", address, port, name, example.type == "A" ? "" : " " + example.type);
}

}  // namespace

void StartupReport::on_progress(std::size_t done, std::size_t total) {
  progress_.show(fmt::format("loading zones: {} of {}", done, total));
}

void StartupReport::print_diagnostics(const dns::Diagnostics& diagnostics, const dns::Sources& sources) const {
  if (diagnostics.kept().empty()) return;
  const bool people = format_ == server::LogFormat::kText;
  const dns::RenderOptions options{
      people ? dns::DiagnosticFormat::kLong : dns::DiagnosticFormat::kJson,
      people && wants_colour(stderr) ? dns::RenderOptions::Colour::kOn : dns::RenderOptions::Colour::kOff, charset()};
  for (const dns::Diagnostic& diagnostic : diagnostics.kept()) {
    const bool error = diagnostic.code->severity == dns::Severity::kError;
    const server::LogLevel level = error ? server::LogLevel::kError : server::LogLevel::kWarning;
    if (level < config_.options.log.level) continue;
    const std::string text = dns::render(diagnostic, sources, options);
    standard_error_.write(people ? text : "{" + server::json_time_and_level(level) + "," + text.substr(1));
  }
}

void StartupReport::on_zone(const server::ZoneReport& report) {
  print_diagnostics(report.diagnostics, report.sources);
  if (!report.zone || example_.rank == kBestRank) return;
  const ExampleQuery example = example_of(*report.zone);
  if (example.rank > example_.rank) example_ = example;
}

// The records that failover manages must match the zones. An error at startup is better than an error at the first
// failover.
std::string StartupReport::config_error(const dns::Snapshot& zones) {
  dns::Diagnostics diagnostics;
  server::check_against_zones(config_, zones, diagnostics);
  print_diagnostics(diagnostics, config_.sources);
  if (diagnostics.errors() == 0) return {};
  return fmt::format("{}: {} that the zones contradict", config_.sources.path(0),
                     diagnostics.errors() == 1 ? "a section" : fmt::format("{} sections", diagnostics.errors()));
}

bool StartupReport::waits_for(const server::ListenAddress& address) const {
  return config_.options.listen.absent == server::AbsentAddress::kWait && !server::is_local(address);
}

std::string StartupReport::ready_text(const server::StartupInfo& info) const {
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "waymark {}  ready in {} ms\n", WAYMARK_VERSION, info.startup_time.count());
  std::uint64_t records = 0;
  std::size_t widest = 0;
  for (const server::ServedZone& zone : info.zones) records += zone.records;
  for (std::size_t i = 0; i < std::min(info.zones.size(), kZonesShown); ++i)
    widest = std::max(widest, dns::to_text(info.zones[i].apex.view()).size());
  fmt::format_to(out, "  zones    {} with {} records{}\n", info.zones.size(), records,
                 info.load.failed == 0
                     ? ""
                     : fmt::format("; {} could not be loaded and are answered with SERVFAIL", info.load.failed));
  for (std::size_t i = 0; i < std::min(info.zones.size(), kZonesShown); ++i) {
    const server::ServedZone& zone = info.zones[i];
    fmt::format_to(out, "           {:<{}}  serial {:<10}  {} record{}\n", dns::to_text(zone.apex.view()), widest,
                   zone.serial.value, zone.records, zone.records == 1 ? "" : "s");
  }
  if (info.zones.size() > kZonesShown) fmt::format_to(out, "           and {} more\n", info.zones.size() - kZonesShown);
  for (std::size_t i = 0; i < info.addresses.size(); ++i)
    fmt::format_to(out, "  {:<8} {}  udp and tcp{}\n", i == 0 ? "listen" : "", server::to_text(info.addresses[i]),
                   waits_for(info.addresses[i]) ? "; waits: this machine does not have the address" : "");
  fmt::format_to(out, "  workers  {}\n", info.workers);
  if (example_.rank > 0 && !info.addresses.empty())
    fmt::format_to(out, "  try      {}\n", dig_line(info.addresses.front(), example_));
  return text;
}

std::string StartupReport::ready_json(const server::StartupInfo& info) const {
  Json json;
  json.begin_object().key("event").string("ready").key("version").string(WAYMARK_VERSION);
  json.key("taken_ms")
      .number(static_cast<std::uint64_t>(info.startup_time.count()))
      .key("workers")
      .number(info.workers);
  json.key("failed").number(info.load.failed);
  json.key("zones").begin_array();
  for (const server::ServedZone& zone : info.zones)
    json.begin_object()
        .key("zone")
        .string(dns::to_text(zone.apex.view()))
        .key("serial")
        .number(zone.serial.value)
        .key("records")
        .number(zone.records)
        .end_object();
  json.end_array().key("listen").begin_array();
  for (const server::ListenAddress& endpoint : info.addresses) json.string(server::to_text(endpoint));
  json.end_array().end_object();
  return json.text() + "\n";
}

void StartupReport::on_ready(const server::StartupInfo& info) {
  progress_.clear();
  standard_output_.emplace(STDOUT_FILENO);
  standard_output_->write(format_ == server::LogFormat::kJson ? ready_json(info) : ready_text(info));
  if (!standard_output_->start()) standard_output_.reset();  // it writes the text, if it need not wait
}

}  // namespace tools
