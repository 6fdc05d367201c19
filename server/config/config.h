// waymark.toml to Options: strict, and every fault at once.
//
//     [server] [tcp] [log] [[zone]]                                                 the server
//     [steering] [vrrp.NAME] [monitor.NAME] [link.NAME] [sla.NAME] [view.NAME] [[record]]      what is steered
//
// An unknown key, a wrong type, a value out of range, a name that nothing has, keys that contradict each other: an
// error at its line and column, with the nearest word that would have been right: a misspelt limit that is silently
// ignored is found on the day it is needed. The keys are a table (schema.h). Paths are relative to the configuration
// file. Errors have the look and the format of those of zone files; codes C1xx to C3xx (codes.h). No I/O but through
// `reader`. Any thread.
#pragma once

#include <chrono>
#include <optional>

#include "server/config/codes.h"
#include "server/config/options.h"
#include "zone/diagnostic/diagnostic.h"
#include "zone/snapshot/snapshot.h"

namespace server {

// Where a record and its members stand in the file, by their indices in SteeringOptions.
struct RecordSpans {
  SourceSpan at;  // of the record's name
  std::vector<SourceSpan> members;
};

struct LoadedConfig {
  Options options;       // what was understood; not to be used where there were errors
  dns::Sources sources;  // what the diagnostics point into
  std::vector<RecordSpans> records;
};

// The error is why the file cannot be opened; all else goes to `diagnostics`. A link in use is in error once it is past
// its date, on the day that is given: a check asks for that, a server does not, since a date must not end a service.
dns::Result<LoadedConfig, std::string> load_config(std::string_view path, dns::SourceReader& reader,
                                                   dns::Diagnostics& diagnostics,
                                                   std::optional<std::chrono::year_month_day> today = std::nullopt);

// What the zones say against a configuration's records: findings of server/steering/check.h, at the place of the
// record. Pure; any thread. `snapshot` holds the zones that the configuration names, as loaded.
void check_against_zones(const LoadedConfig& config, const dns::Snapshot& snapshot, dns::Diagnostics& diagnostics);

}  // namespace server
