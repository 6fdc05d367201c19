// Reads waymark.toml into Options: strictly, and with all errors in one run.
//
//     [server] [tcp] [log] [[zone]] [template.NAME] [acl.NAME] [key.NAME] [remote.NAME]        the server
//     [steering] [vrrp.NAME] [monitor.NAME] [link.NAME] [sla.NAME] [view.NAME] [[record]]      failover
//
// An unknown key, a wrong type, a value out of range, a reference to a name that does not exist, or contradicting keys
// are errors with line and column, and with the nearest valid word. A misspelt limit that is silently ignored would be
// noticed only when it is needed. A table contains all keys (schema.h). Paths are relative to the configuration file.
// Errors look like those of zone files; codes C1xx to C4xx (codes.h). The lines that they show have asterisks in place
// of secrets. No I/O except through `reader`, for secret files, and in `check_start`. Any thread.
#pragma once

#include <chrono>
#include <optional>

#include "server/config/draft.h"
#include "server/config/options.h"
#include "server/config/rules.h"
#include "zone/diagnostic/diagnostic.h"
#include "zone/snapshot/snapshot.h"

namespace server {

// The positions of a record and its members in the file; indices as in SteeringOptions.
struct RecordSpans {
  SourceSpan at;  // of the record's name
  std::vector<SourceSpan> members;
};

// A [[zone]] section without a file: a folder or the command line has the zone.
struct RefinedZone {
  dns::Name apex;
  SourceSpan at;
};

// A monitor that needs a program or a file of this host.
struct LocalMonitor {
  MonitorOptions options;
  SourceSpan at;  // of the program or file
};

struct LoadedConfig {
  Options options;       // the valid part; do not use it if there were errors
  dns::Sources sources;  // the text that the diagnostics point into
  std::vector<RecordSpans> records;
  std::vector<RefinedZone> refined_zones;
  std::vector<LocalMonitor> local_monitors;  // in use
  SectionSource server;
};

// The error says why the file cannot be opened; everything else goes to `diagnostics`. With `today`, a link in use
// after its `deprecated` date is an error. `check` passes it; a server does not, because a date must not end a service.
// With kSkip the keys have no secrets.
dns::Result<LoadedConfig, std::string> load_config(std::string_view path, dns::SourceReader& reader,
                                                   dns::Diagnostics& diagnostics,
                                                   std::optional<std::chrono::year_month_day> today = std::nullopt,
                                                   Secrets secrets = Secrets::kRead);

// The zones that a start would have besides those of the configuration.
enum class OtherZones : std::uint8_t { kNone, kSome };

// Finds what would make a start on this host fail, and checks that cannot run. Reads the disk and the user database.
void check_start(const LoadedConfig& config, OtherZones other_zones, dns::Diagnostics& diagnostics);

// kNotSuspended: without the records that the store will suspend, because the failover thread logs those.
enum class ZoneFindings : std::uint8_t { kAll, kNotSuspended };

// Checks the configuration against the loaded zones: findings of server/steering/check.h at the position of the record,
// and [[zone]] sections of zones that do not exist. Pure; any thread. `snapshot` holds the zones of the configuration.
void check_against_zones(const LoadedConfig& config, const dns::Snapshot& snapshot, dns::Diagnostics& diagnostics,
                         ZoneFindings findings = ZoneFindings::kAll);

}  // namespace server
