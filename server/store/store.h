// The one writer: files on disk become zones, what steering wants is laid over them, all of them at once one snapshot.
//
//     load    survey -> gather (beside) -> adopt: judge each against its last version, lay the overlay over it
//     steer   overlay -> the sets that differ, a zone's in one Change with its next serial -> apply: one path copy
//                                    both end in one new snapshot with what was added and removed
//
// A steering costs what it touches, however many zones are held. A reload costs what changed: a zone is parsed again only where one
// of its files was touched and then differs. A file with errors leaves the last good version of its zone in the snapshot, with what steering laid over it; where there is none the zone
// enters without records, which is answered with SERVFAIL: the parent's data, or REFUSED, would send resolvers astray.
// A directory that cannot be listed removes nothing.
//
// Serials: a zone that was never steered has its file's. Once steering has laid anything over it, the serial is the store's: what
// differs from what was published gets the file's serial where that is later, else the next one (RFC 1982), and so
// it stays when the steering ends, for what was published stays published.
//
// With journals all that is written down before it can be seen, and a new store begins with what the last one published: the overlay
// of its journals lies over the zones from their first load on. What the disk does not take is held back only where
// a serial could be given out twice; then the old version is served and `tend` tries again.
//
// One thread, which is also where zones and snapshots are destroyed; `gather` may run on another.
#pragma once

#include <map>
#include <set>
#include <utility>

#include "server/image/images.h"
#include "server/journal/journals.h"
#include "server/store/gather.h"
#include "zone/snapshot/snapshot.h"

namespace server {

struct PublishedZone {
  dns::CompactName apex;
  dns::Serial serial;

  friend bool operator==(const PublishedZone&, const PublishedZone&) = default;
};

enum class SteerOutcome : std::uint8_t {
  kChanged,
  kUnchanged,   // what is wanted is what is served
  kLate,        // an overlay of a later generation was laid before: refused
};

class Store {
 public:
  // `journals`: null where nothing outlives the process.
  Store(const StoreOptions& options, Files& files, Journals* journals = nullptr);

  // The first load, and each later one that may block. `snapshot` is then what it found.
  LoadSummary load(LoadWatcher& watcher);
  // The same in two halves, with `gather` between them on any thread. At most one load is under way.
  Survey survey() const;
  LoadSummary adopt(Gathered gathered, LoadWatcher& watcher);

  // What steering wants from now on, over later loads too. Sets that it cannot have are told once.
  SteerOutcome steer(Overlay overlay, LoadWatcher& watcher);
  // At first what the journals say was published last.
  const Overlay& desired() const { return desired_; }
  // Mends what the disk did not take, now and then. True where the snapshot is another one.
  bool tend(LoadWatcher& watcher);
  // The zones that came from their files since this was asked last and are to have images, as the files gave them.
  std::vector<ImageOrder> take_image_orders() { return std::exchange(image_orders_, {}); }
  // The zones whose content or serial the last `steer` or load changed.
  const std::vector<PublishedZone>& changed() const { return changed_; }

  // What is wanted and cannot be had, as of the last `steer` or load.
  const std::vector<SuspendedSet>& suspended() const { return suspended_; }

  // All zones, those that could not be loaded included; null before the first load. Shared: readers' holder keeps it alive.
  const std::shared_ptr<const dns::Snapshot>& snapshot() const { return snapshot_; }

 private:
  struct Held {
    std::shared_ptr<const HeldZone> version;      // shared with surveys
    std::optional<dns::Serial> published;         // the last, once the serial is the store's
    dns::Serial in_file;
    std::optional<Content> fresh;                 // just read from its file, not yet published
    std::shared_ptr<const HeldZone> previous;     // with `fresh`: what is served until then. Shared with surveys
  };
  // How a zone is to be published.
  struct Next {
    dns::Serial serial;
    bool counted;     // the serial is the store's, and goes into the journal
  };
  struct Round;
  using Wanted = std::map<dns::Name, std::vector<const SharedSet*>, dns::CanonicalLess>;
  using Zones = std::map<dns::CompactName, Held, dns::CanonicalLess>;

  void take(Round& round, GatheredZone& gathered);
  void order_image(const HeldZone& fresh);
  void remove_missing(Round& round, const Discovery& found);
  void enter(Round& round);
  void find_homes();
  Wanted wanted_by_zone();
  void lay_over(Round& round, dns::NameView apex, Held& held, WantedSets wanted);
  void leave_alone(dns::NameView apex, Held& held);
  static Next next_of(const Held& held, const Laying& laying);
  void recall(Held& held, HeldZone& next) const;
  bool write_down(Held& held, const Laying& laying, const dns::Change& change, Next next);
  void hold_back(Round& round, Held& held);
  void lay_all(Round& round);
  void tell_suspended(LoadWatcher& watcher);
  void tell_faults(LoadWatcher& watcher);

  StoreOptions options_;
  Files& files_;
  Journals* journals_;
  Zones held_;
  std::set<dns::Name, dns::CanonicalLess> laid_;               // zones with something laid over them
  std::vector<Zones::iterator> fresh_;              // those of held_ with `fresh`: what came from its file and waits to be published
  Overlay desired_;
  std::vector<const dns::CompactName*> homes_;         // of desired_.sets: the apex that each is below, in held_; null: none. Empty: to be found
  std::uint64_t steered_ = 0;                     // the latest generation; what an earlier process decided cannot come late
  std::vector<SuspendedSet> suspended_, suspended_told_;
  std::uint64_t views_mark_ = 0;                  // of desired_.views
  bool held_back_ = false;                        // some zone is not what is desired
  std::vector<std::string> faults_told_;
  std::vector<ImageOrder> image_orders_;
  std::vector<PublishedZone> changed_;
  std::shared_ptr<const dns::Snapshot> snapshot_;
};

}  // namespace server
