#include "server/server.h"

#include <malloc.h>

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <optional>

#include "server/listen/couriers.h"
#include "server/runtime/thread.h"
#include "server/store/store.h"
#include "zone/name/text.h"

namespace server {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kReclaimInterval{20};   // while an old snapshot still has readers
constexpr std::chrono::milliseconds kStoreEndTime{300};     // for the store's thread at the end
constexpr int kKilledBySignal = 128;                        // exit code of a process that a signal ended, as shells count

// Logs what became of each zone, and passes it on.
class LoggingWatcher : public LoadWatcher {
 public:
  enum class Detail : std::uint8_t { kProblems, kEverything };
  LoggingWatcher(Log log, LoadWatcher& next, Detail detail) : log_(std::move(log)), next_(next), detail_(detail) {}

  void zone(const ZoneReport& report) override {
    const std::string name = dns::to_text(report.apex);
    const auto serial = report.zone == nullptr ? 0 : report.zone->serial().value;
    switch (report.outcome) {
      case ZoneOutcome::kLoaded:
        if (detail_ == Detail::kEverything) log_->info("zone {} loaded from {}: serial {}", name, report.path, serial);
        break;
      case ZoneOutcome::kUnchanged: break;
      case ZoneOutcome::kKeptOld:
        log_->error("zone {}: {} cannot be loaded; serial {} keeps answering", name, report.path, serial);
        break;
      case ZoneOutcome::kFailed: log_->error("zone {}: {} cannot be loaded; answering SERVFAIL", name, report.path); break;
      case ZoneOutcome::kRemoved: log_->info("zone {} removed", name); break;
    }
    if (!report.warning.empty()) log_->warn("zone {}: {}", name, report.warning);
    next_.zone(report);
  }
  void trouble(const std::string& words) override {
    log_->error("{}", words);
    next_.trouble(words);
  }
  void progress(std::size_t done, std::size_t total) override { next_.progress(done, total); }

 private:
  Log log_;
  LoadWatcher& next_;
  Detail detail_;
};

// The store's thread: the first load, then whatever is asked of it. The only writer of what the couriers read.
class Keeper {
 public:
  struct Wiring {
    const Options& options;
    Couriers& couriers;
    Watcher& watcher;
    Log log;
    Clock::time_point started;
    std::function<void(StartFault)> cannot_start;   // called at most once, on this thread
  };
  explicit Keeper(Wiring wiring) : wiring_(std::move(wiring)), store_(wiring_.options.store, files_) {}

  void run() {
    if (first_load()) serve_requests();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  void reload() {
    const std::lock_guard lock(mutex_);
    reload_wanted_ = true;
    changed_.notify_all();
  }

  // True where the thread ended in time.
  bool end(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    end_wanted_ = true;
    changed_.notify_all();
    return changed_.wait_for(lock, patience, [this] { return ended_; });
  }

 private:
  bool first_load() {
    LoggingWatcher watcher(wiring_.log, wiring_.watcher, LoggingWatcher::Detail::kProblems);
    const LoadSummary summary = store_.load(watcher);
    if (summary.served() == 0) {
      const bool none = summary.failed == 0;
      wiring_.cannot_start({.kind = StartFault::Kind::kNoZones,
                            .message = none ? "there is no zone to serve" : "no zone could be loaded",
                            .help = none ? "name a directory with files such as example.com.zone, or --zone NAME=FILE" : ""});
      return false;
    }
    ::malloc_trim(0);   // the texts of the files are gone
    snapshots_.emplace(store_.snapshot(), wiring_.couriers.readers());
    wiring_.couriers.start(*snapshots_);
    wiring_.watcher.ready(ready(summary));
    return true;
  }

  Ready ready(const LoadSummary& summary) const {
    Ready ready{.zones = {}, .load = summary, .addresses = wiring_.couriers.addresses(), .workers = wiring_.couriers.workers(), .taken = {}};
    for (const auto& zone : store_.snapshot()->zones())
      if (zone->apex_node()) ready.zones.push_back({zone->apex(), zone->serial(), zone->totals().records});
    ready.taken = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - wiring_.started);
    return ready;
  }

  void serve_requests() {
    std::size_t waiting = 0;
    std::unique_lock lock(mutex_);
    while (!end_wanted_) {
      const auto asked = [this] { return end_wanted_ || reload_wanted_; };
      if (waiting == 0) {
        changed_.wait(lock, asked);
      } else {
        changed_.wait_for(lock, kReclaimInterval, asked);
      }
      const bool reload = std::exchange(reload_wanted_, false) && !end_wanted_;
      lock.unlock();
      if (reload) load_again();
      waiting = snapshots_->reclaim();
      lock.lock();
    }
  }

  void load_again() {
    const Clock::time_point begun = Clock::now();
    LoggingWatcher watcher(wiring_.log, wiring_.watcher, LoggingWatcher::Detail::kEverything);
    const LoadSummary summary = store_.load(watcher);
    if (store_.snapshot() != snapshots_->current()) snapshots_->publish(store_.snapshot());
    ::malloc_trim(0);
    wiring_.log->info("reloaded in {} ms: {} loaded, {} unchanged, {} removed, {} kept as they were, {} failed",
                      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun).count(), summary.loaded,
                      summary.unchanged, summary.removed, summary.kept_old, summary.failed);
  }

  Wiring wiring_;
  DiskFiles files_;
  Store store_;
  std::optional<PublishedSnapshot> snapshots_;

  std::mutex mutex_;   // guards what follows
  std::condition_variable changed_;
  bool reload_wanted_ = false, end_wanted_ = false, ended_ = false;
};

// The main thread: hears signals and ends what the others began.
class Conductor {
 public:
  Conductor(Couriers& couriers, Log log) : couriers_(couriers), log_(std::move(log)), signals_(context_, SIGHUP, SIGTERM, SIGINT) {}

  // Until a signal ends the server or `cannot_start` was called; then the couriers have ended.
  std::optional<StartFault> run(Keeper& keeper) {
    listen(keeper);
    context_.run();
    return std::move(fault_);
  }

  // Any thread.
  void cannot_start(StartFault fault) {
    asio::post(context_, [this, fault = std::move(fault)] {
      fault_ = fault;
      end();
    });
  }

 private:
  void listen(Keeper& keeper) {
    signals_.async_wait([this, &keeper](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        keeper.reload();
      } else if (ending_) {
        std::_Exit(kKilledBySignal + signal);
      } else {
        log_->info("draining");
        end();
      }
      listen(keeper);
    });
  }

  // On a thread of its own, so that a second signal is heard.
  void end() {
    if (std::exchange(ending_, true)) return;
    ender_ = start_thread({"drain", std::nullopt, 0}, [this] {
      couriers_.stop();
      asio::post(context_, [this] { context_.stop(); });
    });
  }

  Couriers& couriers_;
  Log log_;
  asio::io_context context_{1};
  asio::signal_set signals_;
  bool ending_ = false;
  std::optional<StartFault> fault_;
  std::jthread ender_;
};

}  // namespace

dns::Result<void, StartFault> serve(const Options& options, Watcher& watcher) {
  const Clock::time_point started = Clock::now();
  const Log log = make_log(options.log);
  Couriers couriers(options.listen, options.responder, log);
  Conductor conductor(couriers, log);
  raise_capabilities();
  if (const auto bound = couriers.bind(); !bound) return dns::Failure<StartFault>(start_fault(bound.error()));
  if (const auto dropped = drop_privileges(options.privileges); !dropped)
    return dns::Failure<StartFault>(StartFault{StartFault::Kind::kPrivileges, "cannot give up privileges: " + dropped.error(), ""});
  Keeper keeper({.options = options,
                 .couriers = couriers,
                 .watcher = watcher,
                 .log = log,
                 .started = started,
                 .cannot_start = [&](StartFault fault) { conductor.cannot_start(std::move(fault)); }});
  const std::jthread store = start_thread({"store", std::nullopt, 0}, [&] { keeper.run(); });
  auto fault = conductor.run(keeper);
  if (!keeper.end(kStoreEndTime)) std::_Exit(EXIT_SUCCESS);   // in the middle of a load, which nobody waits for any more
  if (fault) return dns::Failure<StartFault>(std::move(*fault));
  log->info("ended");
  return {};
}

}  // namespace server
