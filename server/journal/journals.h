// All journals of a state directory, and the table of views that their client choices refer to.
//
//     DIR/example.com.journal     one for each zone that was ever managed (journal.h)
//     DIR/views                   the views of clients, written before the first choice that refers to them
//
// The journal of a zone stays when failover ends for it, and when the zone is removed: its serials were published, and
// the next one must be later. The writer's thread, except for the work of `Syncer`.
#pragma once

#include <map>

#include "server/journal/journal.h"
#include "zone/snapshot/views.h"

namespace server {

std::uint64_t views_hash(const dns::ViewTable* views);  // 0 for none

class Journals {
 public:
  // Locks the directory and reads all journals. The error has the name of the file.
  static DiskResult<std::unique_ptr<Journals>> open(std::unique_ptr<Disk> disk);
  // From then on a thread waits for the disk.
  void start() { syncer_.start(); }

  ZoneJournal* find(const dns::Name& apex);  // null: never managed
  // For a zone that is managed for the first time; null if it cannot be written, `maintain` returns the reason.
  ZoneJournal* create(JournalState state);

  const std::shared_ptr<const dns::ViewTable>& views() const { return views_; }  // shared with snapshots
  // False if they cannot be written.
  bool save_views(std::shared_ptr<const dns::ViewTable> views);

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [apex, journal] : journals_) visit(*journal);
  }
  // Retries what failed. Returns one line for each failure that remains.
  std::vector<std::string> maintain();
  // Waits until everything was synced or has failed.
  void sync() { syncer_.wait_until_idle(); }
  void close();

 private:
  explicit Journals(std::unique_ptr<Disk> disk) : disk_(std::move(disk)), syncer_(*disk_) {}
  DiskResult<void> read_all();
  DiskResult<void> read_views();
  ZoneJournal::Context context() { return {*disk_, syncer_, boot_id_}; }

  std::unique_ptr<Disk> disk_;
  Syncer syncer_;
  std::string boot_id_, error_;
  std::map<dns::Name, std::unique_ptr<ZoneJournal>, dns::CanonicalLess> journals_;
  std::shared_ptr<const dns::ViewTable> views_;
};

}  // namespace server
