#include "server/config/config.h"
#include "server/steering/check.h"
#include "zone/name/text.h"

namespace server {
namespace {

ConfigError fault_of(SteeringError fault) {
  switch (fault) {
    case SteeringError::kNotInZones:
    case SteeringError::kBelowCut: return ConfigError::kNotInAZone;
    case SteeringError::kNoZoneRecords: return ConfigError::kNoZoneRecords;
    case SteeringError::kIsAlias: return ConfigError::kOwnsAlias;
    case SteeringError::kIsNameServer: return ConfigError::kIsNameServer;
    case SteeringError::kSignedZone: break;
  }
  return ConfigError::kSignedZone;
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
  return snapshot.find(dns::Key(options.records[finding.record].owner.view())) ==
         snapshot.find(dns::Key(finding.server_of.view()));
}

// "did you mean campus.example.?"; empty if no zone has a similar name.
std::string similar_zone(const std::string& name, const dns::Snapshot& snapshot) {
  std::vector<std::string> names;
  for (const auto& zone : snapshot.zones()) names.push_back(dns::to_text(zone->apex()));
  return did_you_mean(name, std::vector<std::string_view>(names.begin(), names.end()));
}

}  // namespace

void check_against_zones(const LoadedConfig& config, const dns::Snapshot& snapshot, dns::Diagnostics& diagnostics,
                         ZoneFindings findings) {
  ConfigErrors errors;
  for (const SteeringFinding& finding : check_zones(config.options.steering, snapshot)) {
    if (findings == ZoneFindings::kNotSuspended && is_suspended(config.options.steering, snapshot, finding)) continue;
    if (is_loaded(snapshot, config.options.steering.records[finding.record]))
      errors.add(fault_of(finding.error), config.records[finding.record].at,
                 describe(config.options.steering, finding));
  }
  for (const RefinedZone& zone : config.refined_zones) {
    const dns::Zone* const found = snapshot.find(dns::Key(zone.apex));
    if (found != nullptr && found->apex() == zone.apex.view()) continue;
    const std::string name = dns::to_text(zone.apex);
    errors.add(ConfigError::kNoSuchZone, zone.at, name + " has no zone file: this [[zone]] section has no effect",
               similar_zone(name, snapshot));
  }
  for (dns::Diagnostic& fault : errors.take()) diagnostics.add(std::move(fault));
}

}  // namespace server
