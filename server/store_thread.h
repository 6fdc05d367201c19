// The store's thread: the first load, then all requests, one after another. Only this thread changes what the
// listeners read.
//
//     any thread     submit_overlay(overlay) --> mailbox (the latest stays) ---.
//     any thread     reload(zones) --> mailbox --> start_reload ---.           |
//     loader         load_zones (1 s for a million names,  <-------'           |
//                    at low priority) --> mailbox (load_result) --.            |
//     this thread                            commit_load, publish <'           '--> apply_overlay, publish (under 1 ms)
//
// An overlay that arrives during a reload is published at once, over the old versions, and applied to the new versions
// before they are published. Listeners start when every zone was tried and, if `first_overlay_timeout` is set, when the
// first failover decision was applied or that time has passed.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <optional>

#include "server/control/reload_report.h"
#include "server/image/writer.h"
#include "server/listen/listeners.h"
#include "server/logging_observer.h"
#include "server/observe/durations.h"
#include "server/runtime/mailbox.h"
#include "server/runtime/thread.h"
#include "server/server.h"
#include "server/store/store.h"

namespace server {

// The outcome of an overlay.
struct Publication {
  std::uint64_t generation = 0;
  OverlayOutcome outcome{};
  std::vector<PublishedZone> zones;  // that changed
  Instant at;                        // every query that starts later is answered from it
};

class StoreThread {
 public:
  struct Dependencies {
    const Options& options;
    Listeners& listeners;
    ServerObserver& observer;
    Log log;
    Instant started;
    std::function<void(StartError)> on_start_error;             // called at most once, on this thread
    std::function<void(const Publication&)> on_published = {};  // on this thread, must be short
    // On this thread, must be short: the managed RRsets that cannot be managed, when they changed.
    std::function<void(const std::vector<SuspendedRrset>&)> on_suspended = {};
    // The same for zones: after each load, those of which no version, or not the latest one, is served.
    std::function<void(std::vector<ZoneFault>)> on_zone_faults = {};
    Duration first_overlay_timeout{};  // from `started`; 0: serving waits for no overlay
  };
  explicit StoreThread(Dependencies dependencies);
  ~StoreThread();

  // Before `run` and after privileges are dropped: locks the state directory and reads what was published last.
  dns::Result<void, StartError> open();
  // Between `open` and `run`: the overlay that was published last. The first load applies it. Empty if there was none.
  const Overlay& recovered_overlay() const { return store_->desired_overlay(); }

  // After `open`: Journal::faults.
  std::vector<std::string> journal_faults() const {
    return journal_ == nullptr ? std::vector<std::string>() : journal_->faults();
  }

  // The body of the thread, until `stop`.
  void run();

  // Any thread. Replaces an overlay that still waits.
  void submit_overlay(Overlay overlay);
  // Loads what changed, and completes `request`. `zones`: the places to look for zones from now on, if not null. The
  // directory of images stays that of the start. `config_check`: finds where a new configuration does not match the
  // zones, for the log; it may be empty.
  void reload(ReloadRequestPtr request, std::shared_ptr<const StoreOptions> zones = nullptr,
              ConfigCheck config_check = {});
  // From the cause of a failover decision until its answers are published. On this thread.
  const Durations& publication_times() const { return publication_times_; }
  // Calls `done` with the latest snapshot on this thread, between other work; not at all if the thread has ended. Any
  // thread may read and release it while this object lives.
  void request_snapshot(std::function<void(std::shared_ptr<const dns::Snapshot>)> done);
  // Calls `done` on this thread with the zone's serial and history, or with nothing; not at all if the thread has
  // ended.
  void request_history(const dns::Name& apex, std::function<void(std::optional<ZoneHistory>)> done);
  enum class Stopped : std::uint8_t {
    kDone,
    kLoading,  // a load is running; its result is not needed
    kDisk,     // the disk has not taken the journals
  };
  // Waits no longer than `timeout`. Without kDone the thread still runs, and the process must end.
  Stopped stop(std::chrono::milliseconds timeout);

 private:
  // The loader waits for a new version of a zone.
  struct ApplyRequest {
    std::shared_ptr<const dns::Zone> from;  // shared: dropped on this thread
    const dns::Change* change;
    std::promise<std::shared_ptr<const dns::Zone>> result;
  };
  struct HistoryRequest {
    dns::Name apex;
    std::function<void(std::optional<ZoneHistory>)> done;
  };
  // All requests that wait. The thread takes them together.
  struct Requests {
    bool stop = false;
    std::optional<Overlay> overlay;
    std::unique_ptr<LoadResult> load_result;
    bool load_failed = false;  // no memory was left
    std::vector<ReloadRequestPtr> reloads;
    std::shared_ptr<const StoreOptions> zones;  // with `reloads`; null: the places stay as they are
    ConfigCheck config_check;
    std::vector<ApplyRequest> apply_requests;
    bool images_finished = false, synced = false;
    std::vector<std::function<void(std::shared_ptr<const dns::Snapshot>)>> snapshot_requests;
    std::vector<HistoryRequest> history_requests;
    std::vector<std::shared_ptr<const dns::Snapshot>> returned_snapshots;  // shared: destroyed on this thread

    bool empty() const {
      return !stop && !overlay && !load_result && !load_failed && reloads.empty() && !config_check &&
             !images_finished && !synced && apply_requests.empty() && snapshot_requests.empty() &&
             history_requests.empty() && returned_snapshots.empty();
    }
  };

  bool first_load_or_error();
  bool first_load();
  std::optional<StartError> start_error(const LoadSummary& summary);
  bool wait_for_first_overlay();
  Requests serve_requests();
  void handle(Requests& requests);
  void handle_or_log(Requests& requests, bool maintenance_due);
  void apply_overlay(Overlay overlay);
  void maintain();
  void start_reload();
  void load(ZoneTable& zone_table, const StoreOptions& zones);
  void complete_reloads(const ReloadReport& report);
  std::shared_ptr<const dns::Zone> apply_on_writer(std::shared_ptr<const dns::Zone> from,
                                                   const dns::Change& change);  // the loader's threads
  void abort_reload(Requests requests);
  void finish_reload(LoadResult load_result);
  void give_up_reload(std::string_view why);
  void publish();
  void measure(std::optional<Instant> since);
  void queue_images();
  void log_images();
  void notify_suspended();
  void log_config_check(ReloadReport& report);
  StartupInfo startup_info(const LoadSummary& summary) const;
  std::shared_ptr<const dns::Snapshot> lend_snapshot();

  Dependencies dependencies_;
  std::shared_ptr<const StoreOptions> zones_;  // where to look for zones. Shared: a loader may be reading it
  DiskFiles files_;
  std::unique_ptr<Journal> journal_;  // null: no state directory
  std::optional<Store> store_;        // from `open` on
  std::optional<PublishedSnapshot> snapshots_;
  std::optional<ImageWriter> images_;     // if there is a directory for them
  std::uint64_t notified_suspended_ = 0;  // a version of the list
  Durations publication_times_;
  std::optional<Instant> unpublished_since_;  // the first cause that not all zones show yet; none: they show all
  ConfigCheck config_check_;                  // to be run and logged; empty: none, or done
  bool reloading_ = false, reload_again_ = false;
  std::atomic<bool> closing_journal_ = false;
  std::vector<ReloadRequestPtr> reloads_, next_reloads_;  // of the running reload, and of the next one
  Instant reload_begun_;

  Mailbox<Requests> requests_;

  std::jthread loader_;  // last: ends before what it uses
};

}  // namespace server
