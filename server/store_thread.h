// The store's thread: the first load, then whatever is asked of it. The only writer of what the listeners read.
//
//     any thread     steer(overlay) --> mailbox (the latest stays) --.
//     any thread     reload(zones) -----------------------------.    |
//     loader         load_zones (a second for a million names) <----'    |        at a low priority, so that it delays
//     nobody
//                       '--> load_result --------------------.          |
//     this thread                                   commit_load, publish   steer, publish, tell    (under a
//     millisecond)
//
// A steering that comes while files are read is published at once, over the old versions, and laid over the new ones
// before anybody sees them. The first answer is given when every zone was tried and, where it is asked for, when
// steering has made its first decision, which is waited for no longer than it takes (`first_overlay_timeout`).
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <optional>

#include "server/image/writer.h"
#include "server/listen/listeners.h"
#include "server/runtime/instant.h"
#include "server/server.h"
#include "server/store/store.h"

namespace server {

// What became of an overlay.
struct Publication {
  std::uint64_t generation = 0;
  OverlayOutcome outcome{};
  std::vector<PublishedZone> zones;  // that changed
  Instant at;                        // when every query that began later was answered from it
};

class StoreThread {
 public:
  struct Wiring {
    const Options& options;
    Listeners& listeners;
    ServerObserver& observer;
    Log log;
    Instant started;
    std::function<void(StartError)> on_start_error;             // called at most once, on this thread
    std::function<void(const Publication&)> on_published = {};  // on this thread, which it holds up
    std::function<void(const std::vector<SuspendedRrset>&)> on_suspended =
        {};                            // likewise: what is managed and cannot be; only where it changed
    Duration first_overlay_timeout{};  // from `started`; 0: serving waits for no overlay
  };
  explicit StoreThread(Wiring wiring);
  ~StoreThread();

  // Before `run`, with the rights that the server keeps: claims the state directory and reads what was published last.
  dns::Result<void, StartError> open();
  // Between `open` and `run`: the overlay that was published last, which the first load lays. Empty where there was
  // none.
  const Overlay& recovered_overlay() const { return store_->desired_overlay(); }

  // The thread's body, until `end`.
  void run();

  // Any thread. `steer` replaces an overlay that has not been looked at yet.
  void submit_overlay(Overlay overlay);
  // Loads what changed. `zones`: where they are to be found from now on, if not null; its images stay those of the
  // start.
  void reload(std::shared_ptr<const StoreOptions> zones = nullptr);
  // Logs what the zones contradict of a new configuration, once no reload is under way.
  void check_config(ConfigCheck config_check);
  // `done` is called with the zones that are served, on this thread, between other work. Never where the thread has
  // ended.
  void request_zone_list(std::function<void(std::vector<ServedZone>)> done);
  // True where the thread ended in time.
  bool stop(std::chrono::milliseconds timeout);

 private:
  // The loader waits for a version of a zone.
  struct ApplyRequest {
    std::shared_ptr<const dns::Zone> from;  // shared: dropped on this thread
    const dns::Change* change;
    std::promise<std::shared_ptr<const dns::Zone>> result;
  };
  // What is asked of the thread, and what is taken out of it at once.
  struct Requests {
    std::optional<Overlay> overlay;
    std::unique_ptr<LoadResult> load_result;
    bool reload = false;
    std::shared_ptr<const StoreOptions> zones;  // with `reload`; null: where they were
    ConfigCheck config_check;
    std::vector<ApplyRequest> apply_requests;
    bool images_finished = false;
    std::vector<std::function<void(std::vector<ServedZone>)>> zone_list_requests;

    bool any() const {
      return overlay || load_result || reload || config_check || images_finished || !apply_requests.empty() ||
             !zone_list_requests.empty();
    }
  };

  bool first_load();
  bool wait_for_first_overlay();
  void serve_requests();
  void handle(Requests& requests);
  void apply_overlay(Overlay overlay);
  void maintain();
  void start_reload();
  std::shared_ptr<const dns::Zone> apply_on_writer(std::shared_ptr<const dns::Zone> from,
                                                   const dns::Change& change);  // the loader's threads
  void abort_reload();
  void finish_reload(LoadResult load_result);
  void publish();
  void queue_images();
  void log_images();
  void notify_suspended();
  void log_config_check();
  StartupInfo startup_info(const LoadSummary& summary) const;
  std::vector<ServedZone> served() const;

  Wiring wiring_;
  std::shared_ptr<const StoreOptions> zones_;  // where they are to be found. Shared: a loader reads it meanwhile
  DiskFiles files_;
  std::unique_ptr<Journals> journals_;  // null: nothing outlives the process
  std::optional<Store> store_;          // from `open` on
  std::optional<PublishedSnapshot> snapshots_;
  std::optional<ImageWriter> images_;  // where there is a directory for them
  std::vector<SuspendedRrset> notified_suspended_;
  ConfigCheck config_check_;  // to be told; empty: none, or they were
  bool reloading_ = false, reload_again_ = false;
  Instant reload_begun_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  Requests requests_;
  bool stop_requested_ = false, stopped_ = false;

  std::jthread loader_;  // last: ends before what it uses
};

}  // namespace server
