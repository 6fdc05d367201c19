// The store's thread: the first load, then whatever is asked of it. The only writer of what the couriers read.
//
//     any thread     steer(overlay) --> mailbox (the latest stays) --.
//     any thread     reload(zones) -----------------------------.    |
//     loader         gather (a second for a million names) <----'    |        at a low priority, so that it delays nobody
//                       '--> gathered --------------------.          |
//     this thread                                   adopt, publish   steer, publish, tell    (under a millisecond)
//
// A steering that comes while files are read is published at once, over the old versions, and laid over the new ones before
// anybody sees them. The first answer is given when every zone was tried and, where it is asked for, when steering has made
// its first decision, which is waited for no longer than it takes (`first_steering_time`).
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <optional>

#include "server/image/writer.h"
#include "server/listen/couriers.h"
#include "server/runtime/instant.h"
#include "server/server.h"
#include "server/store/store.h"

namespace server {

// What became of an overlay.
struct Publication {
  std::uint64_t generation = 0;
  SteerOutcome outcome{};
  std::vector<PublishedZone> zones;   // that changed
  Instant at;                         // when every query that began later was answered from it
};

class Keeper {
 public:
  struct Wiring {
    const Options& options;
    Couriers& couriers;
    Watcher& watcher;
    Log log;
    Instant started;
    std::function<void(StartFault)> cannot_start;                  // called at most once, on this thread
    std::function<void(const Publication&)> on_published = {};     // on this thread, which it holds up
    std::function<void(const std::vector<SuspendedSet>&)> on_suspended = {};   // likewise: what is managed and cannot be; only where it changed
    Duration first_steering_time{};                                // from `started`; 0: serving waits for no overlay
  };
  explicit Keeper(Wiring wiring);
  ~Keeper();

  // Before `run`, with the rights that the server keeps: claims the state directory and reads what was published last.
  dns::Result<void, StartFault> open();
  // Between `open` and `run`: the overlay that was published last, which the first load lays. Empty where there was none.
  const Overlay& recovered() const { return store_->desired(); }

  // The thread's body, until `end`.
  void run();

  // Any thread. `steer` replaces an overlay that has not been looked at yet.
  void steer(Overlay overlay);
  // Loads what changed. `zones`: where they are to be found from now on, if not null; its images stay those of the start.
  void reload(std::shared_ptr<const StoreOptions> zones = nullptr);
  // Logs what the zones contradict of a new configuration, once no reload is under way.
  void compare(Contradictions contradictions);
  // `done` is called with the zones that are served, on this thread, between other work. Never where the thread has ended.
  void inquire(std::function<void(std::vector<ServedZone>)> done);
  // True where the thread ended in time.
  bool end(std::chrono::milliseconds patience);

 private:
  // The loader waits for a version of a zone.
  struct Proposal {
    std::shared_ptr<const dns::Zone> from;   // shared: dropped on this thread
    const dns::Change* change;
    std::promise<std::shared_ptr<const dns::Zone>> made;
  };
  // What is asked of the thread, and what is taken out of it at once.
  struct Requests {
    std::optional<Overlay> overlay;
    std::unique_ptr<Gathered> gathered;
    bool reload = false;
    std::shared_ptr<const StoreOptions> zones;   // with `reload`; null: where they were
    Contradictions contradictions;
    std::vector<Proposal> proposals;
    bool imaged = false;
    std::vector<std::function<void(std::vector<ServedZone>)>> inquiries;

    bool any() const { return overlay || gathered || reload || contradictions || imaged || !proposals.empty() || !inquiries.empty(); }
  };

  bool first_load();
  bool wait_for_steering();
  void serve_requests();
  void answer(Requests& requests);
  void steer_now(Overlay overlay);
  void tend();
  void start_reload();
  std::shared_ptr<const dns::Zone> propose(std::shared_ptr<const dns::Zone> from, const dns::Change& change);   // the loader's threads
  void end_reload();
  void finish_reload(Gathered gathered);
  void publish();
  void order_images();
  void tell_images();
  void tell_suspended();
  void tell_contradictions();
  Ready ready(const LoadSummary& summary) const;
  std::vector<ServedZone> served() const;

  Wiring wiring_;
  std::shared_ptr<const StoreOptions> zones_;   // where they are to be found. Shared: a loader reads it meanwhile
  DiskFiles files_;
  std::unique_ptr<Journals> journals_;   // null: nothing outlives the process
  std::optional<Store> store_;           // from `open` on
  std::optional<PublishedSnapshot> snapshots_;
  std::optional<ImageWriter> images_;    // where there is a directory for them
  std::vector<SuspendedSet> suspended_told_;
  Contradictions contradictions_;        // to be told; empty: none, or they were
  bool reloading_ = false, reload_again_ = false;
  Instant reload_begun_;

  std::mutex mutex_;   // guards what follows
  std::condition_variable changed_;
  Requests requests_;
  bool end_wanted_ = false, ended_ = false;

  std::jthread loader_;   // last: ends before what it uses
};

}  // namespace server
