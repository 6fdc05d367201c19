// The reading half of a load: from zone files to zones that are ready to be served, while the old versions are served.
//
//     writer       zone_table ----------------- (may apply overlays) ----------------- commit_load -> publish
//     other thread        load_zones: discover, stamp, parse, compare  (1 s for a million names)
//
// A large zone of which little changed is not built again beside the old one. Its file is read in parts and compared
// with the served version, and the differences go to the writer as a change, which makes the next version. That version
// is checked like any other before it is published. If too much differs, or if there are diagnostics to report, the
// zone is built from its file.
//
// `load_zones` reads the old versions and alters nothing. It never destroys a version of a zone: a ZoneTable, and the
// LoadResult that holds it, end on the writer's thread.
#pragma once

#include <functional>

#include "server/store/plan_overlay.h"
#include "server/store/report.h"
#include "server/zonefiles/discover.h"
#include "server/zonefiles/reader.h"
#include "zone/snapshot/history.h"

namespace server {

// What the store knows about a zone. Immutable; the store replaces it as a whole.
struct StoredZone {
  dns::CompactName apex;
  std::string path;
  std::shared_ptr<const dns::Zone> zone;       // served; null: could not be loaded. Shared with the snapshot
  OverriddenRrsets overridden;                 // replaced by the failover overlay
  std::vector<ReadFile> files;                 // empty: read them again
  std::shared_ptr<const NameServers> servers;  // null until an overlay needs it. Shared by the versions of one file
  bool plain = false;                          // one file without diagnostics
};
using ZoneTable = std::vector<std::shared_ptr<const StoredZone>>;  // canonical order of apexes. Shared with the store

// How the content of a zone file differs from the served version, without the overlay and the serial.
enum class ContentChange : std::uint8_t { kNew, kSame, kChanged };

// A warning about the serial of a new version of a file, for the operator; empty if all is well.
std::string serial_warning(dns::Serial before, dns::Serial after, ContentChange content);
// The same for a zone whose serial the store manages.
std::string managed_serial_warning(dns::Serial before, dns::Serial after, dns::Serial published);

// The most that one step of a zone's history may take.
inline constexpr std::size_t kMaxHistoryStep = 16UL << 20;  // octets

struct ZoneLoadResult {
  ZoneReport report;  // kUnchanged, kLoaded, or kFailed (even if an old version is kept)
  std::vector<ReadFile> files;
  ContentChange content = ContentChange::kNew;
  dns::HistoryStepPtr step;                    // from the version in the zone table; null: too large, or there was none
  std::shared_ptr<const NameServers> servers;  // of a loaded zone, if its last version had them
  std::shared_ptr<const dns::Zone> rejected;   // built as a change and not used: the writer destroys it
};

struct LoadResult {
  Discovery found;
  std::vector<ZoneLoadResult> zones;  // one for each of found.zones
  ZoneTable zone_table;
  std::shared_ptr<const dns::ZonePolicies> policies{};  // of the options
};

// The number in the options, or one for each CPU.
std::size_t load_threads(const StoreOptions& options);

using Progress = std::function<void(std::size_t done, std::size_t total)>;

// Asks the writer to apply `change` to `from`; the writer destroys `from`. Called on any of the threads. Null if there
// is no writer.
using ApplyOnWriter =
    std::function<std::shared_ptr<const dns::Zone>(std::shared_ptr<const dns::Zone> from, const dns::Change& change)>;

// Fills `result`, whose zone table the caller has set. Any thread; it starts others. `progress` is called on the
// caller's. Throws std::bad_alloc; `result` then has the versions that exist already.
void load_zones(LoadResult& result, const StoreOptions& options, Files& files, const Progress& progress,
                const ApplyOnWriter& apply_on_writer);

}  // namespace server
