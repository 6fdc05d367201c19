// All journals of a state directory, and the table of views that their choices speak of.
//
//     DIR/example.com.journal     one for each zone that was ever steered (journal.h)
//     DIR/views                   the clients' views, written before the first choice that speaks of them
//
// A zone's journal stays when its steering ends, and when the zone goes: what was published stays published, and the
// next serial has to be later. The writer's thread, but for what `Syncer` does on its own.
#pragma once

#include <map>

#include "server/journal/journal.h"
#include "zone/snapshot/views.h"

namespace server {

std::uint64_t views_hash(const dns::ViewTable* views);  // 0 for none

class Journals {
 public:
  // Claims the directory and reads what is there. The error is words for a person, with the file's name.
  static DiskResult<std::unique_ptr<Journals>> open(std::unique_ptr<Disk> disk);
  // From then on the disk is waited for on a thread.
  void start() { syncer_.start(); }

  ZoneJournal* find(const dns::Name& apex);  // null: never steered
  // Of a zone that is steered for the first time; null where the disk does not take it, and `errors` says why.
  ZoneJournal* create(JournalState state);

  const std::shared_ptr<const dns::ViewTable>& views() const { return views_; }  // shared with snapshots
  // False where they cannot be written.
  bool save_views(std::shared_ptr<const dns::ViewTable> views);

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [apex, journal] : journals_) visit(*journal);
  }
  // Mends what failed. What still does not reach the disk, one line each.
  std::vector<std::string> maintain();
  // Waits until what was written has been synced, as far as the disk lets it.
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
