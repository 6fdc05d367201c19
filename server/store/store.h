// The one writer: files on disk become zones, all of them at once one snapshot.
//
//     discover -> which are unchanged? -> parse the others, on several threads -> judge each against its last version
//              -> one new snapshot with what was added and removed
//
// A reload costs what changed: a zone is parsed again only where one of its files was touched and then differs. A file with
// errors leaves the last good version of its zone in the snapshot; where there is none the zone enters without
// records, which is answered with SERVFAIL: the parent's data, or REFUSED, would send resolvers astray. A directory that
// cannot be listed removes nothing.
// One thread, which is also where zones and snapshots are destroyed.
#pragma once

#include <map>

#include "server/store/discover.h"
#include "server/store/reader.h"
#include "server/store/report.h"
#include "zone/snapshot/snapshot.h"

namespace server {

class Store {
 public:
  Store(const StoreOptions& options, Files& files);

  // The first load, and each later one. `snapshot` is then what it found.
  LoadSummary load(LoadWatcher& watcher);
  // All zones, those that could not be loaded included; null before the first load. Shared: readers' holder keeps it alive.
  const std::shared_ptr<const dns::Snapshot>& snapshot() const { return snapshot_; }

 private:
  struct Held {
    std::string path;
    std::shared_ptr<const dns::Zone> zone;   // null: failed. Shared with the snapshot
    std::vector<ReadFile> files;             // empty: to be read again
  };
  struct Order {
    bool operator()(const dns::Name& a, const dns::Name& b) const { return dns::canonical_order(a, b) < 0; }
  };
  struct Round;

  bool unchanged(Held& held, const std::string& path);
  void take(Round& round, ZoneReport& report, std::vector<ReadFile> files);
  void remove_missing(Round& round, const Discovery& found);
  void publish(Round& round);

  StoreOptions options_;
  Files& files_;
  std::map<dns::Name, Held, Order> held_;
  std::shared_ptr<const dns::Snapshot> snapshot_;
};

// What an operator should know about the step from one version to the next; empty where all is as it should be.
std::string version_warning(const dns::Zone& before, const dns::Zone& after);

}  // namespace server
