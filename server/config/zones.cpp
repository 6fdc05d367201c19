#include "server/config/zones.h"

#include <optional>

#include "server/steering/managed.h"

namespace server {
namespace {

// Of what `check_zones` finds; the others are found by the rules, where the file is read.
std::optional<ConfigFault> fault_of(ManagedFault fault) {
  switch (fault) {
    case ManagedFault::kNotInZones:
    case ManagedFault::kBelowCut: return ConfigFault::kNotInAZone;
    case ManagedFault::kNoDefaultSet: return ConfigFault::kNoDefaultSet;
    case ManagedFault::kIsAlias: return ConfigFault::kOwnsAlias;
    case ManagedFault::kIsNameServer: return ConfigFault::kServesANameServer;
    case ManagedFault::kAnsweredTwice:
    case ManagedFault::kNeverAllowed:
    case ManagedFault::kNothingAllowed:
    case ManagedFault::kWrongFamily:
    case ManagedFault::kNothingToJudge:
    case ManagedFault::kLinkDeprecated:
    case ManagedFault::kLinkToEnd:
    case ManagedFault::kLinkUnused:
    case ManagedFault::kViewUnused:
    case ManagedFault::kViewsOverlap:
    case ManagedFault::kTooManyViews: break;
  }
  return std::nullopt;
}

// Of a zone that could not be loaded nothing can be said: it answers SERVFAIL, and its names with it.
bool is_loaded(const dns::Snapshot& snapshot, const AnswerOptions& answer) {
  const dns::Zone* const zone = snapshot.find(dns::Key(answer.owner.view()));
  return zone == nullptr || zone->apex_node().has_value();
}

}  // namespace

void check_against_zones(const LoadedConfig& config, const dns::Snapshot& snapshot, dns::Diagnostics& diagnostics) {
  Faults faults;
  for (const ManagedFinding& finding : check_zones(config.options.steering, snapshot)) {
    const auto fault = fault_of(finding.fault);
    if (fault && finding.at == ManagedFinding::At::kAnswer && is_loaded(snapshot, config.options.steering.answers[finding.index]))
      faults.tell(*fault, config.answers[finding.index].at, describe(config.options.steering, finding));
  }
  for (dns::Diagnostic& fault : faults.take()) diagnostics.add(std::move(fault));
}

}  // namespace server
