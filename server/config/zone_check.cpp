#include <optional>

#include "server/config/config.h"
#include "server/steering/check.h"

namespace server {
namespace {

// Of what `check_zones` finds; the others are found by the rules, where the file is read.
std::optional<ConfigError> fault_of(SteeringError fault) {
  switch (fault) {
    case SteeringError::kNotInZones:
    case SteeringError::kBelowCut: return ConfigError::kNotInAZone;
    case SteeringError::kNoDefaultSet: return ConfigError::kNoDefaultSet;
    case SteeringError::kIsAlias: return ConfigError::kOwnsAlias;
    case SteeringError::kIsNameServer: return ConfigError::kIsNameServer;
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

// Of a zone that could not be loaded nothing can be said: it answers SERVFAIL, and its names with it.
bool is_loaded(const dns::Snapshot& snapshot, const RecordOptions& record) {
  const dns::Zone* const zone = snapshot.find(dns::Key(record.owner.view()));
  return zone == nullptr || zone->apex_node().has_value();
}

}  // namespace

void check_against_zones(const LoadedConfig& config, const dns::Snapshot& snapshot, dns::Diagnostics& diagnostics) {
  ConfigErrors errors;
  for (const SteeringFinding& finding : check_zones(config.options.steering, snapshot)) {
    const auto fault = fault_of(finding.error);
    if (fault && finding.at == SteeringFinding::At::kRecord &&
        is_loaded(snapshot, config.options.steering.records[finding.index]))
      errors.add(*fault, config.records[finding.index].at, describe(config.options.steering, finding));
  }
  for (dns::Diagnostic& fault : errors.take()) diagnostics.add(std::move(fault));
}

}  // namespace server
