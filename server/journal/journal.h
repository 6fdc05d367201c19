// The journal of all zones: what was published, on the disk, so that no serial is used twice and secondaries get the
// differences after a restart. The half of the thread that publishes; docs/journal.md has the whole.
//
//     may_publish   the serial is reserved on the disk, long before it is used
//     commit        hands the steps to the writer's thread; they are published without waiting for it
//     is_written    for who has promised something: the steps are on the disk
//
//     after a clean end     each zone goes on where it was
//     after any other end   each managed zone goes on behind its reserved serials: at most kReserve later
//
// Nothing here waits for the disk but `open`, `sync` and `close`. One thread. Throws only std::bad_alloc.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <set>

#include "server/journal/writer.h"
#include "zone/snapshot/views.h"

namespace server {

class Journal {
 public:
  // Locks the directory and reads what an earlier process wrote. The error is about the directory as a whole.
  static DiskResult<std::unique_ptr<Journal>> open(std::unique_ptr<Disk> disk);
  // From then on a thread writes. `on_progress` as for JournalWriter. The error: no thread can be started.
  DiskResult<void> start(std::function<void()> on_progress) { return writer_.start(std::move(on_progress)); }

  // What `open` found to be wrong, each a sentence without its full stop.
  const std::vector<std::string>& faults() const { return faults_; }

  // Null: nothing was recorded about it.
  const ZoneState* find(const dns::Name& apex) const;
  // The journal of this zone is lost, and with it the serials that it counted.
  bool is_serial_unknown(const dns::Name& apex) const { return unknown_.contains(apex); }
  // Damage may have hit zones that `find` does not know.
  bool unknown_zones_lost() const { return unknown_zones_lost_; }
  // The steps to the version that the earlier process published last. Once: it is moved out.
  dns::History take_history(const dns::Name& apex);
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [apex, zone] : zones_) visit(zone.state);
  }

  // Whether `serial` may be published, of a zone whose version `published` is served now. If too few serials are
  // reserved, which happens only if the disk fails or is very slow, or the zone is new, it asks for more, and the
  // caller tries again after the next progress.
  bool may_publish(const dns::Name& apex, dns::Serial published, dns::Serial serial);

  struct Step {
    JournalStep step;  // `sequence` is set by `commit`
    OverriddenRrsets overridden;
  };
  // Sets the RRsets of the step that lead from the recorded state to `overridden`. Whether the step records anything
  // new.
  bool set_overridden(JournalStep& step, const OverriddenRrsets& overridden) const;
  // Call it just before the steps are published. All of them are on the disk, or none; the steps of files may be
  // written one by one. Takes out of `steps` what it has handed over: an exception leaves the others for a later call.
  JournalPosition commit(Producer producer, std::list<Step>& steps);
  bool is_written(JournalPosition position) const { return writer_.progress().written >= position; }

  // The table of views that client choices refer to. Null: none. Shared with snapshots.
  const std::shared_ptr<const dns::ViewTable>& views() const { return views_; }
  void set_views(std::shared_ptr<const dns::ViewTable> views);

  // Retries what failed. Returns one line for each failure that remains. Call it regularly.
  std::vector<std::string> maintain();
  // Waits until everything was written or has failed.
  void sync() { writer_.wait_until_idle(); }
  // False if that takes longer than `timeout`.
  bool sync(std::chrono::milliseconds timeout) { return writer_.wait_until_idle(timeout); }
  // Writes everything and that the end is clean. Waits for it.
  void close();

 private:
  // Serials that are being reserved.
  struct Asked {
    dns::Serial ceiling;
    JournalPosition position;
  };
  struct Zone {
    ZoneState state;
    dns::Serial usable;  // serials up to here may be published
    std::optional<Asked> asked;
  };

  Journal(std::unique_ptr<Disk> disk, Recovery recovery);
  Zone& zone_of(const dns::Name& apex, dns::Serial published);
  void reserve(Zone& zone, dns::Serial published, dns::Serial above);
  void take_progress(Zone& zone) const;
  JournalPosition post(JournalRecord record);

  std::unique_ptr<Disk> disk_;
  std::vector<std::string> faults_;
  bool unknown_zones_lost_;
  std::map<dns::Name, Zone, dns::CanonicalLess> zones_;
  std::set<dns::Name, dns::CanonicalLess> unknown_;
  std::map<dns::Name, dns::History, dns::CanonicalLess> histories_;
  std::shared_ptr<const dns::ViewTable> views_;
  JournalPosition position_ = 0;  // of the last record that was handed over
  JournalWriter writer_;
};

}  // namespace server
