// The reading half of a load: from the files to zones that are ready to be served, beside the serving of the old ones.
//
//     writer       zone_table ----------------- (steers as it likes) ----------------- commit_load -> publish
//     other thread        load_zones: discover, stamp, parse, compare  (a second for a million names)
//
// A big zone of which little changed is not built again beside the old one: its file is read in parts and compared with
// the version that is served, and what differs is proposed to the writer, who makes the next version of it. That
// version is checked here, as any other, before anybody is answered from it. Where more differs, or there is something
// to tell a person, the zone is built.
//
// `load_zones` reads the old versions and alters nothing. Versions of zones are handed over and back, never destroyed
// here: a ZoneTable, and the LoadResult that holds it, end on the writer's thread.
#pragma once

#include <functional>

#include "server/store/plan_overlay.h"
#include "server/store/report.h"
#include "server/zonefiles/discover.h"
#include "server/zonefiles/reader.h"
#include "zone/snapshot/change.h"

namespace server {

// What the store holds of a zone. Immutable; the store replaces it as a whole.
struct StoredZone {
  dns::CompactName apex;
  std::string path;
  std::shared_ptr<const dns::Zone> zone;       // what is served; null: failed. Shared with the snapshot
  OverriddenRrsets overridden;                 // what of it is steering's
  std::vector<ReadFile> files;                 // empty: to be read again
  std::shared_ptr<const NameServers> servers;  // null until steering first asks. Shared by the versions of one file
  bool plain = false;                          // one file, about which there was nothing to say
};
using ZoneTable =
    std::vector<std::shared_ptr<const StoredZone>>;  // canonical order of apexes. Shared: the store goes on meanwhile

// How a zone file's content stands to that of the version that is served, steering and serial aside.
enum class ContentChange : std::uint8_t { kNew, kSame, kChanged };

// What an operator should know about the step from one version of a file to the next; empty where all is as it should
// be.
std::string serial_warning(dns::Serial before, dns::Serial after, ContentChange content);
// The same where the store counts the serial itself.
std::string managed_serial_warning(dns::Serial before, dns::Serial after, dns::Serial published);

struct ZoneLoadResult {
  ZoneReport report;  // kUnchanged, kFailed (also where an old version will be kept), or kLoaded
  std::vector<ReadFile> files;
  ContentChange content = ContentChange::kNew;
  std::shared_ptr<const NameServers> servers;  // of a loaded zone whose last version had them
  std::shared_ptr<const dns::Zone> rejected;   // proposed, made and not fit: to be dropped by the writer
};

struct LoadResult {
  Discovery found;
  std::vector<ZoneLoadResult> zones;  // one for each of found.zones
  ZoneTable zone_table;
};

// As many as the options ask for, or the machine has.
std::size_t load_threads(const StoreOptions& options);

using Progress = std::function<void(std::size_t done, std::size_t total)>;

// Has the writer make `from` with `change`; the writer drops `from`. Called on any of the threads. Null where there is
// none to ask.
using ApplyOnWriter =
    std::function<std::shared_ptr<const dns::Zone>(std::shared_ptr<const dns::Zone> from, const dns::Change& change)>;

// Any one thread, which starts others. `progress` is called on it.
LoadResult load_zones(ZoneTable zone_table, const StoreOptions& options, Files& files, const Progress& progress,
                      const ApplyOnWriter& apply_on_writer);

}  // namespace server
