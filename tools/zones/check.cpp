// waymark check: reports all errors and warnings in zone files and configuration files, each with its place.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "server/config/config.h"
#include "server/runtime/thread_pool.h"
#include "server/store/load_zones.h"
#include "tools/cli/command.h"
#include "tools/cli/files.h"
#include "tools/cli/json.h"
#include "tools/cli/terminal.h"
#include "zone/check/denial.h"
#include "zone/check/expiry.h"
#include "zone/field/text.h"
#include "zone/file/findings.h"
#include "zone/name/text.h"

namespace tools {
namespace {

struct CheckOptions {
  std::vector<std::string> paths, zones;
  std::string format = "long";
  std::size_t limit = 100;
  bool stats = false, strict = false, quiet = false;
};

// A signature that expires within this time causes a warning. The zone must be signed again and caches must refresh
// before.
constexpr std::uint32_t kSoonSeconds = 3 * 86400;

struct CheckCounts {
  std::size_t files = 0, files_with_findings = 0, paths_without_zone = 0;
  std::size_t errors = 0, warnings = 0;
};

dns::DiagnosticFormat format_of(std::string_view word) {
  if (word == "short") return dns::DiagnosticFormat::kShort;
  return word == "json" ? dns::DiagnosticFormat::kJson : dns::DiagnosticFormat::kLong;
}

struct Stats {
  dns::Zone::Totals totals;
  std::map<std::string, std::uint64_t> records_by_type;
};

Stats stats_of(const dns::Zone& zone) {
  Stats stats{zone.totals(), {}};
  zone.for_each([&stats](const dns::NodeView& node) {
    for (std::size_t i = 0; i < node.set_count(); ++i)
      stats.records_by_type[dns::to_text(node.set(i).type)] += node.set(i).count;
    return true;
  });
  return stats;
}

void print_stats(const Stats& stats) {
  fmt::print("  {} records in {} sets at {} names, {} octets\n ", stats.totals.records, stats.totals.sets,
             stats.totals.names, stats.totals.bytes);
  for (const auto& [type, count] : stats.records_by_type) fmt::print(" {} {}", type, count);
  fmt::print("\n");
}

void print_zone_json(const server::ZoneFile& file, const dns::Zone* zone, const dns::Diagnostics& found,
                     bool with_stats) {
  Json json;
  json.begin_object().key("zone").string(dns::to_text(file.apex.view())).key("file").string(file.path);
  json.key("errors").number(found.errors()).key("warnings").number(found.warnings());
  if (zone != nullptr) json.key("serial").number(zone->serial().value).key("records").number(zone->totals().records);
  if (zone != nullptr && with_stats) {
    const Stats stats = stats_of(*zone);
    json.key("sets")
        .number(stats.totals.sets)
        .key("names")
        .number(stats.totals.names)
        .key("octets")
        .number(stats.totals.bytes);
    json.key("types").begin_object();
    for (const auto& [type, count] : stats.records_by_type) json.key(type).number(count);
    json.end_object();
  }
  json.end_object();
  fmt::print("{}\n", json.text());
}

void print_zone(const CheckOptions& options, const server::ZoneFile& file, const dns::Zone* zone,
                const dns::Diagnostics& found) {
  if (options.format == "json") return print_zone_json(file, zone, found, options.stats);
  if (zone == nullptr || options.quiet) return;
  fmt::print("{}: zone {} serial {}, {} record{}{}\n", shown(file.path), dns::to_text(file.apex.view()),
             zone->serial().value, zone->totals().records, zone->totals().records == 1 ? "" : "s",
             found.errors() + found.warnings() == 0 ? ", ok" : "");
  if (options.stats) print_stats(stats_of(*zone));
}

void print_diagnostics(const CheckOptions& options, const dns::Diagnostics& found, const dns::Sources& sources) {
  const dns::RenderOptions render = render_options(stdout, format_of(options.format));
  const auto is_problem = [&](dns::Severity severity) {
    return severity == dns::Severity::kError || (options.strict && severity == dns::Severity::kWarning);
  };
  for (const dns::Diagnostic& diagnostic : found.kept())
    if (!options.quiet || is_problem(diagnostic.code->severity))
      fmt::print("{}", dns::render(diagnostic, sources, render));
}

// Prints and counts the errors and warnings of one file.
void report(const CheckOptions& options, const dns::Diagnostics& found, const dns::Sources& sources,
            CheckCounts& counts) {
  if (!found.kept().empty()) print_diagnostics(options, found, sources);
  if (found.errors() + found.warnings() > found.kept().size() && found.full() && options.format != "json")
    fmt::print("... and more: the first {} are shown, --limit 0 shows all\n", found.kept().size());
  ++counts.files;
  counts.files_with_findings += found.errors() + found.warnings() == 0 ? 0 : 1;
  counts.errors += found.errors();
  counts.warnings += found.warnings();
}

dns::Diagnostics diagnostics_of(const CheckOptions& options) {
  return dns::Diagnostics(options.limit == 0 ? std::numeric_limits<std::size_t>::max() : options.limit);
}

std::chrono::sys_days day_of(dns::Serial seconds) {
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds(std::chrono::seconds(seconds.value)));
}

// "A MX"
std::string words_of(const std::vector<dns::Type>& types) {
  std::string words;
  for (const dns::Type type : types) words += (words.empty() ? "" : " ") + dns::to_text(type);
  return words;
}

struct Warning {
  std::string_view code;
  std::string words;
};

Warning warning_of(const dns::DenialFinding& finding) {
  using Fault = dns::DenialFinding::Fault;
  const std::string owner = dns::to_text(finding.owner), type = dns::to_text(finding.type);
  switch (finding.fault) {
    case Fault::kNoRecord: return {"Z125", fmt::format("{} has no {} record", owner, type)};
    case Fault::kNoName: return {"Z126", fmt::format("the {} record {} belongs to no name", type, owner)};
    case Fault::kNext:
      return {"Z128",
              fmt::format("the {} record {} does not name the next, {}", type, owner, dns::to_text(finding.next))};
    case Fault::kUnknownAlgorithm: return {"Z129", fmt::format("of the {} record {}", type, owner)};
    case Fault::kTypes: break;
  }
  const std::string lacks = finding.lacks.empty() ? "" : " lacks " + words_of(finding.lacks);
  const std::string lists = finding.lists.empty() ? "" : " lists " + words_of(finding.lists);
  return {"Z127", fmt::format("the {} record of {}{}{}{}", type, owner, lacks,
                              lacks.empty() || lists.empty() ? "" : " and", lists)};
}

// Adds warnings about the zone's NSEC3 chain (Z121), its NSEC and NSEC3 records (Z125 to Z129), and the expiry of its
// signatures (Z122).
void add_signature_warnings(const dns::Zone& zone, dns::Sources& sources, dns::Diagnostics& found) {
  const auto say = [&](std::string_view code, std::string words) {
    sources.hold(0);  // if the file has changed since, the warning has no source line
    found.add(dns::diagnostic_at(sources, {0, 0}, code, std::move(words)));
  };
  const std::string apex = dns::to_text(zone.apex());
  if (dns::lacks_denial_records(zone)) say("Z121", apex + " has no chain of NSEC3 records that can be used");
  dns::check_denial(zone, [&](const dns::DenialFinding& finding) {
    Warning warning = warning_of(finding);
    say(warning.code, std::move(warning.words));
  });
  const auto expiry = dns::first_expiry(zone);
  if (!expiry) return;
  const dns::Serial now{static_cast<std::uint32_t>(std::time(nullptr))}, soon{now.value + kSoonSeconds};
  if (dns::later(expiry->at, soon)) return;
  const std::chrono::year_month_day day(day_of(expiry->at));
  const std::string date = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                                       static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  say("Z122", fmt::format("the first, of {} {}, {} on {}", dns::to_text(expiry->owner), dns::to_text(expiry->covered),
                          dns::later(expiry->at, now) ? "ends" : "ended", date));
}

// The zone; null if it is refused.
std::shared_ptr<const dns::Zone> check_zone(const CheckOptions& options, const server::ZoneFile& file,
                                            server::IncludeScope scope, const dns::ParallelExecutor& parallel,
                                            CheckCounts& counts) {
  FileReader reader(scope);
  dns::Diagnostics found = diagnostics_of(options);
  dns::LoadedZone loaded = dns::load_zone(file.apex, file.path, reader, found, parallel);
  if (loaded.zone) add_signature_warnings(*loaded.zone, loaded.sources, found);
  report(options, found, loaded.sources, counts);
  print_zone(options, {file.apex, std::string(loaded.sources.path(0))}, loaded.zone.get(), found);
  return std::move(loaded.zone);
}

using Status = dns::Result<void, std::string>;

using Zones = std::vector<std::shared_ptr<const dns::Zone>>;

// Reports a path that is not the file of a zone. It has no place in a file.
void report_path(const CheckOptions& options, std::string_view words, CheckCounts& counts) {
  const dns::CodeRow& code = *dns::find_code("Z124");
  ++counts.errors;
  ++counts.paths_without_zone;
  if (options.format != "json") return fmt::print("error[{}]: {}: {}\n", code.code, code.title, shown(words));
  Json json;
  json.begin_object().key("code").string(code.code).key("severity").string("error");
  json.key("title").string(code.title).key("message").string(words).end_object();
  fmt::print("{}\n", json.text());
}

server::Discovery find_zones(const CheckOptions& options, const server::StoreOptions& named, CheckCounts& counts) {
  server::DiskFiles files;
  server::Discovery found = server::discover(named, files);
  for (const std::string& words : found.errors) report_path(options, words, counts);
  if (found.zones.empty())
    for (const std::string& path : found.empty)
      report_path(options, "there is no zone in " + path + ": the file of a zone is called NAME.zone", counts);
  return found;
}

// The zones that can be served.
Zones check_zones(const CheckOptions& options, const server::StoreOptions& named, CheckCounts& counts) {
  const server::Discovery found = find_zones(options, named, counts);
  Zones zones;
  server::ThreadPool thread_pool(server::load_threads({}), {"loader", std::nullopt, 0});
  const dns::ParallelExecutor parallel = thread_pool.parallel();
  for (const server::ZoneFile& file : found.zones)
    if (auto zone = check_zone(options, file, named.include_scope, parallel, counts)) zones.push_back(std::move(zone));
  return zones;
}

std::chrono::year_month_day today() { return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()); }

// Checks a configuration file, as a start on this host would. If it has no errors, checks its zones. If these have no
// errors either, checks whether they contain the records that the configuration manages.
Status check_config(const CheckOptions& options, const std::string& path, server::OtherZones other_zones,
                    CheckCounts& counts) {
  FileReader reader(server::IncludeScope::kAnywhere, kConfigLimits);
  dns::Diagnostics found = diagnostics_of(options);
  const auto loaded = server::load_config(path, reader, found, today());
  if (!loaded) return dns::Failure(fmt::format("{}: {}", path, loaded.error()));
  if (found.errors() == 0) server::check_start(*loaded, other_zones, found);
  report(options, found, loaded->sources, counts);
  if (found.errors() > 0) return {};
  const std::size_t errors = counts.errors;
  Zones zones = check_zones(options, loaded->options.store, counts);
  if (counts.errors > errors) return {};
  dns::Diagnostics against = diagnostics_of(options);
  server::check_against_zones(*loaded, *dns::Snapshot::of(std::move(zones)), against);
  --counts.files;  // `report` counts this file a second time
  report(options, against, loaded->sources, counts);
  if (options.format != "json" && !options.quiet && against.errors() == 0)
    fmt::print("{}: configuration, ok\n", shown(path));
  return {};
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

Status check_all(const CheckOptions& options, CheckCounts& counts) {
  server::StoreOptions named;
  for (const std::string& typed : options.zones) {
    auto zone = parse_named_zone(typed);
    if (!zone) return dns::Failure(zone.error());
    named.zones.push_back(std::move(*zone));
  }
  std::vector<std::string> configs;
  for (const std::string& path : options.paths) {
    if (path == kStandardInput)
      return dns::Failure(std::string("which zone is on standard input? Name it by --zone NAME=-"));
    (path.ends_with(".toml") ? configs : named.paths).push_back(path);
  }
  const auto other_zones =
      named.paths.empty() && named.zones.empty() ? server::OtherZones::kNone : server::OtherZones::kSome;
  for (const std::string& path : configs)
    if (const Status done = check_config(options, path, other_zones, counts); !done) return done;
  check_zones(options, named, counts);
  if (counts.files + counts.errors == 0)
    return dns::Failure(std::string("name a folder, a file NAME.zone, a configuration, or --zone NAME=FILE"));
  return {};
}

Exit check(const CheckOptions& options) {
  CheckCounts counts;
  const Status done = check_all(options, counts);
  if (!done) {
    print_error(fmt::format("check: {}", done.error()));
    return Exit::kUsage;
  }
  if (options.format != "json" && counts.errors + counts.warnings > 0)
    fmt::print("{}, {} in {} of {}\n", counted(counts.errors, "error"), counted(counts.warnings, "warning"),
               counts.files_with_findings + counts.paths_without_zone,
               counted(counts.files + counts.paths_without_zone, "file"));
  if (counts.files == 0) return Exit::kUsage;  // nothing could be checked
  return counts.errors > 0 || (options.strict && counts.warnings > 0) ? Exit::kProblems : Exit::kOk;
}

}  // namespace

Action define_check(CommandLine& line) {
  auto options = std::make_shared<CheckOptions>();  // shared: the action owns it, the parser fills it
  line.operand(options->paths, "DIR|FILE",
               "Directories with zone files NAME.zone, such files, and configuration files *.toml")
      .env("WAYMARK_ZONES");
  line.option("--zone", options->zones, "NAME=FILE", "Check FILE as the zone NAME; - is standard input")
      .env("WAYMARK_ZONE");
  line.flag("--stats", options->stats, "Print the numbers of records, RRsets, names and bytes of each zone");
  line.option("--format", options->format, "long|short|json", "Output format; short is one line per error, for editors")
      .only({"long", "short", "json"})
      .env("WAYMARK_CHECK_FORMAT");
  line.flag(
      "--json", [raw = options.get()] { raw->format = "json"; },
      "The same as --format json: one object per error and per zone");
  line.option("--limit", options->limit, "N", "Most errors and warnings to show of a zone; 0 shows all")
      .env("WAYMARK_CHECK_LIMIT");
  line.flag("--strict", options->strict, "Treat warnings as errors");
  line.flag("-q,--quiet", options->quiet, "Print errors only");
  return [options] { return check(*options); };
}

}  // namespace tools
