#include "server/logging_observer.h"

#include <ctime>

#include <fmt/format.h>

#include "zone/check/check.h"
#include "zone/check/expiry.h"
#include "zone/name/text.h"

namespace server {
namespace {

// Looks at the signatures of the SOA only, which each signing renews; `waymark check` looks at all signatures.
bool is_expired(const dns::Zone& zone) {
  const auto expiry = dns::soa_expiry(zone);
  return expiry && dns::later(dns::Serial{static_cast<std::uint32_t>(std::time(nullptr))}, expiry->at);
}

// The places of the errors in the files of a zone.
void add_places(const ZoneReport& zone, ReloadReport& report) {
  for (const dns::Diagnostic& diagnostic : zone.diagnostics.kept()) {
    if (diagnostic.code->severity != dns::Severity::kError) continue;
    std::string line = dns::render(diagnostic, zone.sources, {.format = dns::DiagnosticFormat::kShort});
    line.pop_back();  // the newline
    report.refuse(std::move(line));
  }
}

}  // namespace

void LoggingObserver::on_zone(const ZoneReport& report) {
  log_outcome(report);
  log_warnings(report);
  next_.on_zone(report);
}

void LoggingObserver::on_error(const std::string& words) {
  say(spdlog::level::err, words);
  next_.on_error(words);
}

void LoggingObserver::add_fault(const std::string& zone, std::string message) {
  say(spdlog::level::err, message);
  faults_.push_back({zone, std::move(message)});
}

void LoggingObserver::say(spdlog::level::level_enum level, const std::string& line) {
  log_->log(level, "{}", line);
  if (report_ == nullptr) return;
  if (level == spdlog::level::err) report_->refuse(line);
  else report_->add(line);
}

void LoggingObserver::log_outcome(const ZoneReport& report) {
  using spdlog::level::level_enum;
  const bool quiet = report.outcome == ZoneOutcome::kUnchanged ||
                     (report.outcome == ZoneOutcome::kLoaded && detail_ == Detail::kProblems);
  if (quiet) return;
  const std::string name = dns::to_text(report.apex);
  const auto serial = report.zone == nullptr ? 0 : report.zone->serial().value;
  if (report_ != nullptr) add_places(report, *report_);
  switch (report.outcome) {
    case ZoneOutcome::kLoaded:
      return say(level_enum::info, fmt::format("zone {} loaded from {}: serial {}", name, report.path, serial));
    case ZoneOutcome::kUnchanged: return;
    case ZoneOutcome::kKeptOld:
      return add_fault(name, fmt::format("zone {}: {} cannot be loaded; serving the old version, serial {}", name,
                                         report.path, serial));
    case ZoneOutcome::kFailed:
      return add_fault(name, fmt::format("zone {}: {} cannot be loaded; answering SERVFAIL", name, report.path));
    case ZoneOutcome::kRemoved: return say(level_enum::info, fmt::format("zone {} removed", name));
  }
}

void LoggingObserver::log_warnings(const ZoneReport& report) {
  if (report.outcome == ZoneOutcome::kUnchanged) return;
  const auto warn = [&](std::string_view words) {
    say(spdlog::level::warn, fmt::format("zone {}{}", dns::to_text(report.apex), words));
  };
  const bool loaded = report.outcome == ZoneOutcome::kLoaded;
  if (report.from_image)
    say(spdlog::level::info, fmt::format("zone {} loaded from its image", dns::to_text(report.apex)));
  if (!report.image_error.empty())
    warn(": the zone file was read, because its image cannot be used: " + report.image_error);
  if (!report.warning.empty()) warn(": " + report.warning);
  if (loaded && is_expired(*report.zone))
    warn(": its signatures have expired; validating resolvers reject it until it is signed again");
  if (loaded && dns::lacks_denial_records(*report.zone))
    warn(": its NSEC3 records cannot prove negative answers; validating resolvers reject these answers");
}

}  // namespace server
