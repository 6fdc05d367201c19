// Reads waymark.toml into Options: strictly, and with all errors in one run.
//
//     [server] [tcp] [log] [[zone]]                                                            the server
//     [steering] [vrrp.NAME] [monitor.NAME] [link.NAME] [sla.NAME] [view.NAME] [[record]]      failover
//
// An unknown key, a wrong type, a value out of range, a reference to a name that does not exist, or contradicting keys
// are errors with line and column, and with the nearest valid word. A misspelt limit that is silently ignored would be
// noticed only when it is needed. A table contains all keys (schema.h). Paths are relative to the configuration file.
// Errors look like those of zone files; codes C1xx to C3xx (codes.h). No I/O except through `reader`. Any thread.
#pragma once

#include <chrono>
#include <optional>

#include "server/config/codes.h"
#include "server/config/options.h"
#include "zone/diagnostic/diagnostic.h"
#include "zone/snapshot/snapshot.h"

namespace server {

// The positions of a record and its members in the file; indices as in SteeringOptions.
struct RecordSpans {
  SourceSpan at;  // of the record's name
  std::vector<SourceSpan> members;
};

struct LoadedConfig {
  Options options;       // the valid part; do not use it if there were errors
  dns::Sources sources;  // the text that the diagnostics point into
  std::vector<RecordSpans> records;
};

// The error says why the file cannot be opened; everything else goes to `diagnostics`. With `today`, a link in use
// after its `deprecated` date is an error. `check` passes it; a server does not, because a date must not end a service.
dns::Result<LoadedConfig, std::string> load_config(std::string_view path, dns::SourceReader& reader,
                                                   dns::Diagnostics& diagnostics,
                                                   std::optional<std::chrono::year_month_day> today = std::nullopt);

// kNotSuspended: without the records that the store will suspend, because the failover thread logs those.
enum class ZoneFindings : std::uint8_t { kAll, kNotSuspended };

// Checks the configuration's records against the loaded zones: findings of server/steering/check.h at the position of
// the record. Pure; any thread. `snapshot` holds the zones of the configuration.
void check_against_zones(const LoadedConfig& config, const dns::Snapshot& snapshot, dns::Diagnostics& diagnostics,
                         ZoneFindings findings = ZoneFindings::kAll);

}  // namespace server
