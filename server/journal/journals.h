// All journals of a state directory, and the table of views that their client choices refer to.
//
//     DIR/example.com.journal     one for each zone that was ever managed (journal.h)
//     DIR/views                   the views of clients, written before the first choice that refers to them
//     DIR/NAME.damaged            a file that is no whole journal any more: moved aside, for a person to look at
//
// A damaged file costs its zone what it held, and nothing else: `damaged` has the zone, `faults` the text for people.
// Files with names that no journal has are ignored.
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
  // A zone whose journal was damaged. Its serials up to an unknown one were published.
  struct Damaged {
    std::optional<dns::Serial> latest;  // of those that could be read
  };

  // Locks the directory and reads all journals. The error is about the directory as a whole.
  static DiskResult<std::unique_ptr<Journals>> open(std::unique_ptr<Disk> disk);
  // From then on a thread waits for the disk. `on_done` as for Syncer. The error: no thread can be started.
  DiskResult<void> start(std::function<void()> on_done) { return syncer_.start(std::move(on_done)); }

  ZoneJournal* find(const dns::Name& apex);  // null: never managed, or damaged
  const Damaged* damaged(const dns::Name& apex) const;
  // What `open` found to be wrong, each a sentence without its full stop.
  const std::vector<std::string>& faults() const { return faults_; }
  // For a zone that is managed for the first time.
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
  // False if that takes longer than `timeout`.
  bool sync(std::chrono::milliseconds timeout) { return syncer_.wait_until_idle(timeout); }
  void close();

 private:
  explicit Journals(std::unique_ptr<Disk> disk) : disk_(std::move(disk)), syncer_(*disk_) {}
  DiskResult<void> read_all();
  void read_one(const std::string& name);
  void move_aside(const std::string& name, const std::string& why);
  void read_views();
  ZoneJournal::Context context() { return {*disk_, syncer_, boot_id_}; }

  std::unique_ptr<Disk> disk_;
  Syncer syncer_;
  std::string boot_id_, error_;
  std::map<dns::Name, std::unique_ptr<ZoneJournal>, dns::CanonicalLess> journals_;
  std::map<dns::Name, Damaged, dns::CanonicalLess> damaged_;
  std::vector<std::string> faults_;
  std::shared_ptr<const dns::ViewTable> views_;
};

}  // namespace server
