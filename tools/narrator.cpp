#include "tools/narrator.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "server/config/config.h"
#include "tools/json.h"
#include "tools/terminal.h"
#include "zone/name/text.h"
#include "zone/field/text.h"

namespace tools {
namespace {

constexpr std::size_t kZonesShown = 10;  // in the first lines; the others are counted
constexpr int kBestRank = 4;             // of a sample: www

Sample sample_of(const dns::Zone& zone) {
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

std::string dig_line(const server::Endpoint& endpoint, const Sample& sample) {
  const std::string loopback = endpoint.address_size == 4 ? "127.0.0.1" : "::1";
  const std::string address = server::is_wildcard(endpoint) ? loopback : server::address_text(endpoint);
  std::string name = sample.name;
  if (name.size() > 1) name.pop_back();
  const std::string port = endpoint.port == server::kDnsPort ? "" : fmt::format(" -p {}", endpoint.port);
  return fmt::format("dig @{}{} {}{}", address, port, name, sample.type == "A" ? "" : " " + sample.type);
}

}  // namespace

void Narrator::progress(std::size_t done, std::size_t total) {
  progress_.show(fmt::format("loading zones: {} of {}", done, total));
}

void Narrator::tell(const dns::Diagnostics& faults, const dns::Sources& sources) const {
  if (faults.kept().empty()) return;
  const bool people = format_ == server::LogFormat::kText;
  const dns::RenderOptions options{
      people ? dns::DiagnosticFormat::kLong : dns::DiagnosticFormat::kJson,
      people && wants_colour(stderr) ? dns::RenderOptions::Colour::kOn : dns::RenderOptions::Colour::kOff};
  for (const dns::Diagnostic& fault : faults.kept()) say(stderr, dns::render(fault, sources, options));
}

void Narrator::zone(const server::ZoneReport& report) {
  tell(report.diagnostics, report.sources);
  if (!report.zone || sample_.rank == kBestRank) return;
  const Sample sample = sample_of(*report.zone);
  if (sample.rank > sample_.rank) sample_ = sample;
}

// What is steered must be in the zones: a name that nobody could answer for is better found now than when it fails over.
std::string Narrator::objection(const dns::Snapshot& zones) {
  dns::Diagnostics faults;
  server::check_against_zones(config_, zones, faults);
  tell(faults, config_.sources);
  if (faults.errors() == 0) return {};
  return fmt::format("{}: {} that the zones contradict", config_.sources.path(0), faults.errors() == 1 ? "an answer" : fmt::format("{} answers", faults.errors()));
}

void Narrator::print_ready(const server::Ready& ready) const {
  std::string text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "waymark {}  ready in {} ms\n", WAYMARK_VERSION, ready.taken.count());
  std::uint64_t records = 0;
  std::size_t widest = 0;
  for (const server::ServedZone& zone : ready.zones) records += zone.records;
  for (std::size_t i = 0; i < std::min(ready.zones.size(), kZonesShown); ++i)
    widest = std::max(widest, dns::to_text(ready.zones[i].apex.view()).size());
  fmt::format_to(out, "  zones    {} with {} records{}\n", ready.zones.size(), records,
                 ready.load.failed == 0 ? "" : fmt::format("; {} could not be loaded and are answered with SERVFAIL", ready.load.failed));
  for (std::size_t i = 0; i < std::min(ready.zones.size(), kZonesShown); ++i) {
    const server::ServedZone& zone = ready.zones[i];
    fmt::format_to(out, "           {:<{}}  serial {:<10}  {} record{}\n", dns::to_text(zone.apex.view()), widest, zone.serial.value,
                   zone.records, zone.records == 1 ? "" : "s");
  }
  if (ready.zones.size() > kZonesShown) fmt::format_to(out, "           and {} more\n", ready.zones.size() - kZonesShown);
  for (std::size_t i = 0; i < ready.addresses.size(); ++i)
    fmt::format_to(out, "  {:<8} {}  udp and tcp\n", i == 0 ? "listen" : "", server::to_text(ready.addresses[i]));
  fmt::format_to(out, "  workers  {}\n", ready.workers);
  if (sample_.rank > 0 && !ready.addresses.empty()) fmt::format_to(out, "  try      {}\n", dig_line(ready.addresses.front(), sample_));
  say(stdout, text);
}

void Narrator::print_ready_json(const server::Ready& ready) const {
  Json json;
  json.begin_object().key("event").string("ready").key("version").string(WAYMARK_VERSION);
  json.key("taken_ms").number(static_cast<std::uint64_t>(ready.taken.count())).key("workers").number(ready.workers);
  json.key("failed").number(ready.load.failed);
  json.key("zones").begin_array();
  for (const server::ServedZone& zone : ready.zones)
    json.begin_object().key("zone").string(dns::to_text(zone.apex.view())).key("serial").number(zone.serial.value)
        .key("records").number(zone.records).end_object();
  json.end_array().key("listen").begin_array();
  for (const server::Endpoint& endpoint : ready.addresses) json.string(server::to_text(endpoint));
  json.end_array().end_object();
  say(stdout, json.text() + "\n");
}

void Narrator::ready(const server::Ready& ready) {
  progress_.clear();
  if (format_ == server::LogFormat::kJson) print_ready_json(ready);
  else print_ready(ready);
}

}  // namespace tools
