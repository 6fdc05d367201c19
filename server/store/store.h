// The one writer: files on disk become zones, what steering wants overrides them, all of them at once one snapshot.
//
//     load    zone_table -> load_zones (on another thread) -> commit_load: judge each against its last version, lay the
//     overlay over it steer   overlay -> the sets that differ, a zone's in one Change with its next serial -> apply:
//     one path copy
//                                    both end in one new snapshot with what was added and removed
//
// A steering costs what it touches, however many zones are loaded. A reload costs what changed: a zone is parsed again
// only where one of its files was touched and then differs. A file with errors leaves the last good version of its zone
// in the snapshot, with what steering overrides in it; where there is none the zone enters without records, which is
// answered with SERVFAIL: the parent's data, or REFUSED, would send resolvers astray. A directory that cannot be listed
// removes nothing.
//
// Serials: a zone that was never steered has its file's. Once steering has overridden anything in it, the serial is the
// store's: what differs from what was published gets the file's serial where that is later, else the next one (RFC
// 1982), and so it stays when the steering ends, for what was published stays published.
//
// With journals all that is written down before it can be seen, and a new store begins with what the last one
// published: the overlay of its journals lies over the zones from their first load on. What the disk does not take is
// deferred only where a serial could be given out twice; then the old version is served and `maintain` tries again.
//
// One thread, which is also where zones and snapshots are destroyed; `load_zones` may run on another.
#pragma once

#include <map>
#include <set>
#include <utility>

#include "server/image/images.h"
#include "server/journal/journals.h"
#include "server/store/load_zones.h"
#include "zone/snapshot/snapshot.h"

namespace server {

struct PublishedZone {
  dns::CompactName apex;
  dns::Serial serial;

  friend bool operator==(const PublishedZone&, const PublishedZone&) = default;
};

enum class OverlayOutcome : std::uint8_t {
  kChanged,
  kUnchanged,  // what is desired is what is served
  kStale,      // an overlay of a later generation was applied before: refused
};

class Store {
 public:
  // `journals`: null where nothing outlives the process.
  Store(const StoreOptions& options, Files& files, Journals* journals = nullptr);

  // The first load, and each later one that may block. `snapshot` is then what it found.
  LoadSummary load(LoadObserver& observer);
  // The same in two halves, with `load_zones` between them on any thread. At most one load is under way.
  ZoneTable zone_table() const;
  LoadSummary commit_load(LoadResult load_result, LoadObserver& observer);

  // What steering wants from now on, over later loads too. Sets that it cannot have are told once.
  OverlayOutcome apply_overlay(Overlay overlay, LoadObserver& observer);
  // At first what the journals say was published last.
  const Overlay& desired_overlay() const { return overlay_; }
  // Tries again what the disk did not take. True where the snapshot is another one.
  bool maintain(LoadObserver& observer);
  // The zones that came from their files since this was asked last and are to have images, as the files gave them.
  std::vector<ImageRequest> take_image_requests() { return std::exchange(image_requests_, {}); }
  // The zones whose content or serial the last `steer` or load changed.
  const std::vector<PublishedZone>& changed() const { return changed_; }

  // What is desired and cannot be had, as of the last `steer` or load.
  const std::vector<SuspendedRrset>& suspended() const { return suspended_; }

  // All zones, those that could not be loaded included; null before the first load. Shared: readers' holder keeps it
  // alive.
  const std::shared_ptr<const dns::Snapshot>& snapshot() const { return snapshot_; }

 private:
  struct Entry {
    std::shared_ptr<const StoredZone> version;  // shared with surveys
    std::optional<dns::Serial> published;       // the last, once the serial is the store's
    dns::Serial file_serial;
    std::optional<ContentChange> pending;        // just read from its file, not yet published
    std::shared_ptr<const StoredZone> previous;  // with `pending`: what is served until then. Shared with surveys
  };
  // How a zone is to be published.
  struct NextSerial {
    dns::Serial serial;
    bool managed;  // the serial is the store's, and goes into the journal
  };
  struct Update;
  using DesiredByZone = std::map<dns::Name, std::vector<const ManagedRrsetPtr*>, dns::CanonicalLess>;
  using Zones = std::map<dns::CompactName, Entry, dns::CanonicalLess>;

  void merge_loaded(Update& update, ZoneLoadResult& loaded);
  void request_image(const StoredZone& stored);
  void remove_missing(Update& update, const Discovery& found);
  void commit(Update& update);
  void find_zones();
  DesiredByZone desired_by_zone();
  void publish_zone(Update& update, dns::NameView apex, Entry& entry, DesiredRrsets desired);
  void publish_unmanaged(dns::NameView apex, Entry& entry);
  static NextSerial next_serial(const Entry& entry, const OverlayChanges& plan);
  void restore_from_journal(Entry& entry, StoredZone& next) const;
  bool append_journal(Entry& entry, const OverlayChanges& plan, const dns::Change& change, NextSerial next);
  void defer(Update& update, Entry& entry);
  void publish_all(Update& update);
  void log_suspended(LoadObserver& observer);
  void log_journal_errors(LoadObserver& observer);

  StoreOptions options_;
  Files& files_;
  Journals* journals_;
  Zones entries_;
  std::set<dns::Name, dns::CanonicalLess> overridden_zones_;  // zones in which something is overridden
  std::vector<Zones::iterator>
      pending_;  // those of entries_ with `pending`: what came from its file and waits to be published
  Overlay overlay_;
  std::vector<const dns::CompactName*>
      zone_of_rrset_;  // of overlay_.sets: the apex that each is below, in entries_; null: none. Empty: to be found
  std::uint64_t applied_generation_ = 0;  // the latest generation; what an earlier process decided cannot come late
  std::vector<SuspendedRrset> suspended_, logged_suspended_;
  std::uint64_t views_hash_ = 0;  // of overlay_.views
  bool deferred_ = false;         // some zone is not what is desired
  std::vector<std::string> logged_errors_;
  std::vector<ImageRequest> image_requests_;
  std::vector<PublishedZone> changed_;
  std::shared_ptr<const dns::Snapshot> snapshot_;
};

}  // namespace server
