#include <optional>

#include "server/config/config.h"
#include "server/steering/check.h"

namespace server {
namespace {

// The findings of `check_zones`. The rules report the others when the file is read.
std::optional<ConfigError> fault_of(SteeringError fault) {
  switch (fault) {
    case SteeringError::kNotInZones:
    case SteeringError::kBelowCut: return ConfigError::kNotInAZone;
    case SteeringError::kNoZoneRecords: return ConfigError::kNoZoneRecords;
    case SteeringError::kIsAlias: return ConfigError::kOwnsAlias;
    case SteeringError::kIsNameServer: return ConfigError::kIsNameServer;
    case SteeringError::kSignedZone: return ConfigError::kSignedZone;
    case SteeringError::kManagedTwice:
    case SteeringError::kNeverAllowed:
    case SteeringError::kNothingAllowed:
    case SteeringError::kWrongFamily:
    case SteeringError::kNothingMeasured:
    case SteeringError::kLinkDeprecated:
    case SteeringError::kLinkDeprecatedSoon:
    case SteeringError::kLinkUnused:
    case SteeringError::kViewUnused:
    case SteeringError::kViewsOverlap:
    case SteeringError::kTooManyViews: break;
  }
  return std::nullopt;
}

// A zone that could not be loaded cannot be checked: it answers SERVFAIL.
bool is_loaded(const dns::Snapshot& snapshot, const RecordOptions& record) {
  const dns::Zone* const zone = snapshot.find(dns::Key(record.owner.view()));
  return zone == nullptr || zone->apex_node().has_value();
}

// True if the store suspends the record because of the finding. It knows only the NS records of the record's own zone.
bool is_suspended(const SteeringOptions& options, const dns::Snapshot& snapshot, const SteeringFinding& finding) {
  if (options.mode == SteeringMode::kObserve) return false;
  if (finding.error != SteeringError::kIsNameServer) return true;
  return snapshot.find(dns::Key(options.records[finding.index].owner.view())) ==
         snapshot.find(dns::Key(finding.other.view()));
}

}  // namespace

void check_against_zones(const LoadedConfig& config, const dns::Snapshot& snapshot, dns::Diagnostics& diagnostics,
                         ZoneFindings findings) {
  ConfigErrors errors;
  for (const SteeringFinding& finding : check_zones(config.options.steering, snapshot)) {
    if (findings == ZoneFindings::kNotSuspended && is_suspended(config.options.steering, snapshot, finding)) continue;
    const auto fault = fault_of(finding.error);
    if (fault && finding.at == SteeringFinding::At::kRecord &&
        is_loaded(snapshot, config.options.steering.records[finding.index]))
      errors.add(*fault, config.records[finding.index].at, describe(config.options.steering, finding));
  }
  for (dns::Diagnostic& fault : errors.take()) diagnostics.add(std::move(fault));
}

}  // namespace server
