// The reading half of a load: from the files to zones that are ready to be served, beside the serving of the old ones.
//
//     writer       survey ----------------- (steers as it likes) ----------------- adopt -> publish
//     other thread        gather: discover, stamp, parse, compare  (a second for a million names)
//
// `gather` reads the old versions and alters nothing. Versions of zones are handed over and back, never destroyed here:
// a Survey, and the Gathered that holds it, end on the writer's thread.
#pragma once

#include <functional>

#include "server/store/discover.h"
#include "server/store/lay.h"
#include "server/store/reader.h"
#include "server/store/report.h"

namespace server {

// What the store holds of a zone. Immutable; the store replaces it as a whole.
struct HeldZone {
  dns::Name apex;
  std::string path;
  std::shared_ptr<const dns::Zone> zone;   // what is served; null: failed. Shared with the snapshot
  LaidSets laid;                           // what of it is steering's
  std::vector<ReadFile> files;             // empty: to be read again
  std::shared_ptr<const NameServers> servers;   // null with `zone`. Shared by the versions of one file
};
using Survey = std::vector<std::shared_ptr<const HeldZone>>;   // canonical order of apexes. Shared: the store goes on meanwhile

// How a zone file's content stands to that of the version that is served, steering and serial aside.
enum class Content : std::uint8_t { kFirst, kSame, kOther };

struct GatheredZone {
  ZoneReport report;                          // kUnchanged, kFailed (also where an old version will be kept), or kLoaded
  std::vector<ReadFile> files;
  Content content = Content::kFirst;
  std::shared_ptr<const NameServers> servers;   // of a loaded zone
};

struct Gathered {
  Discovery found;
  std::vector<GatheredZone> zones;   // one for each of found.zones
  Survey survey;
};

using Progress = std::function<void(std::size_t done, std::size_t total)>;

// Any one thread, which starts others. `progress` is called on it.
Gathered gather(Survey survey, const StoreOptions& options, Files& files, const Progress& progress);

}  // namespace server
