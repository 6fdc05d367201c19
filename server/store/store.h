// The only writer of the served data: it loads zone files, applies the failover overlay, and makes snapshots of all
// zones.
//
//     load      zone_table -> load_zones (another thread) -> commit_load: merges each new version --.
//     overlay   apply_overlay ---------------------------------------------------------------------+
//     plan_overlay: the RRsets that differ, one Change for each zone, its next serial  <-----------'
//     one new snapshot of all zones
//
// Applying an overlay costs only what it changes, however many zones are loaded and names are managed. A reload costs
// what changed: a zone is parsed again only if one of its files was touched and has other content. If a zone file has
// errors, its last good version stays in the snapshot, with the overlay. If there is no such version, the zone enters
// without records and is answered with SERVFAIL: the data of the parent zone, or REFUSED, would mislead resolvers. A
// directory that cannot be read removes no zone.
//
// Serials: a zone that was never overridden has the serial of its file. From the first override on the store manages
// the serial: a version that differs from the published one gets the serial of the file if that is higher, else the
// next serial (RFC 1982). It stays so when failover ends, because the serials were published.
//
// With a journal every change is handed to its thread before it is published, and a new store starts with the overlay
// that the last process published: it applies to the zones from their first load on. If the journal cannot be written,
// a zone is deferred only if a serial could be used twice: then the old version is served and `maintain` tries again.
//
// Each published version is a step in its zone's history, whether a file or failover has made it. The history of a zone
// takes at most half of the zone's own octets, and those of all zones at most StoreOptions::history_octets.
//
// One thread. Zones and snapshots are destroyed on it. `load_zones` may run on another.
#pragma once

#include <list>
#include <map>
#include <set>
#include <utility>

#include "server/image/images.h"
#include "server/journal/journal.h"
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
  kUnchanged,  // the served zones match it already
  kStale,      // refused: an overlay of a later generation was applied before
};

class Store {
 public:
  // `journal`: null without a state directory.
  Store(const StoreOptions& options, Files& files, Journal* journal = nullptr);

  // Loads all zones and returns when they are in `snapshot`.
  LoadSummary load(LoadObserver& observer);
  // The same in two halves, with `load_zones` between them on any thread. One load at a time.
  ZoneTable zone_table() const;
  LoadSummary commit_load(LoadResult load_result, LoadObserver& observer);

  // Applies from now on, also to zones that are loaded later. `suspended` has the RRsets that cannot be managed.
  OverlayOutcome apply_overlay(Overlay overlay, LoadObserver& observer);
  // At first the overlay that the journal recovered.
  const Overlay& desired_overlay() const { return overlay_; }
  // Retries what could not be written. True if the snapshot changed.
  bool maintain(LoadObserver& observer);
  // Between two calls of `maintain`, an interval has passed: a zone that is deferred for several of them is reported.
  void interval_passed() { deferred_intervals_ += deferred_ ? 1 : 0; }
  // Call it where a function above has thrown std::bad_alloc: `snapshot` is as before, and the next call of one of them
  // makes good what is missing.
  void set_interrupted() { interrupted_ = true; }
  bool interrupted() const { return interrupted_; }
  // The zones that were loaded since the last call and should have images, without the overlay.
  std::vector<ImageRequest> take_image_requests() { return std::exchange(image_requests_, {}); }
  // Some zone does not have the latest overlay: its serials are not reserved yet. `maintain` tries again.
  bool deferred() const { return deferred_; }
  // The zones whose content or serial the last overlay or load changed.
  const std::vector<PublishedZone>& changed() const { return changed_; }

  // The managed RRsets that cannot be managed, as of the last overlay or load. The version is another number after each
  // change of the list.
  const std::vector<SuspendedRrset>& suspended() const { return suspended_; }
  std::uint64_t suspended_version() const { return suspended_version_; }

  // Nothing if no such zone is served.
  std::optional<ZoneHistory> history(dns::NameView apex) const;

  // All zones, including those that could not be loaded; null before the first load. Shared with the readers.
  const std::shared_ptr<const dns::Snapshot>& snapshot() const { return snapshot_; }

 private:
  struct Entry {
    std::shared_ptr<const StoredZone> version;  // shared with ZoneTables
    std::optional<dns::Serial> published;       // the last one, once the store manages the serial
    dns::Serial file_serial;
    std::optional<ContentChange> pending;        // loaded, not yet published
    dns::HistoryStepPtr step;                    // with `pending`: ZoneLoadResult::step
    dns::History history;                        // of the published versions
    std::shared_ptr<const StoredZone> previous;  // with `pending`: served until then. Shared with ZoneTables
  };
  // The serial of the version that is published next.
  struct NextSerial {
    dns::Serial serial;
    bool managed;  // by the store: the serial goes into the journal
  };
  struct Update;
  // Which RRsets of a zone `publish_zone` looks at.
  enum class Scope : std::uint8_t {
    kListed,  // those of the wishes
    kAll,     // the wishes are all that is desired: every other RRset gets the zone file's records
  };
  using WishesByZone = std::map<dns::Name, std::vector<Wish>, dns::CanonicalLess>;
  using Zones = std::map<dns::CompactName, Entry, dns::CanonicalLess>;

  void merge_loaded(Update& update, ZoneLoadResult& loaded);
  void request_image(const StoredZone& stored);
  std::string reason_to_keep(const Discovery& found) const;
  void repair();
  void remove_missing(Update& update, const Discovery& found);
  void commit(Update& update);
  void add_wish(WishesByZone& wishes, const ManagedRrset& of, const ManagedRrsetPtr& desired);
  void publish_zone(Update& update, dns::NameView apex, Entry& entry, std::vector<Wish> wishes, Scope scope);
  static bool is_restored(const Entry& entry, dns::Serial serial);
  void publish_unmanaged(dns::NameView apex, Entry& entry);
  NextSerial next_serial(const Entry& entry, const OverlayChanges& plan) const;
  void restore_from_journal(Entry& entry, StoredZone& next);
  bool may_publish(const Entry& entry, dns::Serial serial) const;
  dns::Serial recorded_serial(const Entry& entry) const;
  std::list<Journal::Step> journal_step(const Entry& entry, const OverriddenRrsets& overridden, NextSerial next,
                                        const dns::HistoryStepPtr& step) const;
  void defer(Update& update, const Entry& entry);
  static const std::shared_ptr<const dns::Zone>& served(const Entry& entry);
  static void join_pending(Entry& entry, const ZoneLoadResult& loaded);
  static dns::HistoryStepPtr step_of(const Entry& entry, const dns::Change& change);
  void add_to_history(Entry& entry, const dns::HistoryStepPtr& step);
  void limit_history(Entry& entry);
  void publish_all(Update& update);
  void publish_changed(Update& update);
  void publish(Update& update);
  void log_journal_errors(LoadObserver& observer);

  StoreOptions options_;
  Files& files_;
  Journal* journal_;
  Zones entries_;
  std::set<dns::Name, dns::CanonicalLess> overridden_zones_;  // zones with overridden RRsets
  std::vector<Zones::iterator> pending_;                      // the entries with `pending`
  std::list<Journal::Step> steps_;  // of the entries, not yet handed to the journal. What an exception leaves is next
  Producer producer_{};             // of `steps_`
  Overlay overlay_;
  std::optional<ManagedRrsets> applied_;  // the overlay that all zones have; nothing: they may differ
  std::uint64_t applied_generation_ = 0;  // of this process: an overlay of an earlier process cannot arrive late
  std::vector<SuspendedRrset> suspended_;
  std::uint64_t suspended_version_ = 0;
  std::uint64_t views_hash_ = 0;                       // of overlay_.views
  std::size_t history_octets_ = 0;                     // of all zones
  bool deferred_ = false;                              // some zone does not have the latest overlay
  int deferred_intervals_ = 0;                         // that have passed since then
  bool interrupted_ = false;                           // an exception ended an update: its parts may not fit together
  std::shared_ptr<const dns::ZonePolicies> policies_;  // of the last load. Shared with snapshots; null: no rules
  std::vector<std::string> logged_errors_;
  std::vector<std::string> empty_directories_;  // at the last load
  std::vector<ImageRequest> image_requests_;
  std::vector<PublishedZone> changed_;
  std::shared_ptr<const dns::Snapshot> snapshot_;
};

}  // namespace server
