#include "server/server.h"

#include <sys/time.h>

#include <csignal>
#include <cstdlib>
#include <optional>

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "server/config_thread.h"
#include "server/failover_service.h"
#include "server/listen/standard_listeners.h"
#include "server/runtime/memory_reserve.h"
#include "server/runtime/orphan_reaper.h"
#include "server/runtime/thread.h"

namespace server {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kStoreStopTimeout{300};  // for the store's thread to end
constexpr std::chrono::milliseconds kConfigStopTimeout{50};  // for a reading of the configuration
constexpr std::chrono::milliseconds kFirstDecisionTimeout{
    500};                                                  // for the first decision, after the first round of checks
constexpr std::chrono::milliseconds kEndTimeout{1900};     // from the signal to the end, whatever hangs
constexpr std::chrono::milliseconds kMemoryInterval{500};  // from one refill of the reserve to the next
constexpr int kKilledBySignal = 128;  // exit code of a process that a signal ended, as shells count
constexpr int kUnsaved = 1;           // exit code if a disk or program did not let the server end

// From now on the process ends after kEndTimeout at the latest, and at the next signal at once. A timer of the kernel,
// not a thread: it cannot fail and waits for nothing. Call it on the main thread, the only one that gets signals.
void limit_the_end() {
  std::signal(SIGALRM, [](int) { std::_Exit(kUnsaved); });
  itimerval timer{};
  timer.it_value.tv_sec = kEndTimeout / std::chrono::seconds(1);
  timer.it_value.tv_usec = std::chrono::microseconds(kEndTimeout % std::chrono::seconds(1)).count();
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

// The main thread: handles signals, ends the listeners and reaps orphans.
class SignalLoop {
 public:
  using Reload = std::function<void(const ReloadRequestPtr& request)>;

  SignalLoop(Listeners& listeners, Log log)
      : listeners_(listeners),
        log_(std::move(log)),
        signals_(context_, SIGHUP, SIGTERM, SIGINT),
        memory_timer_(context_),
        orphan_reaper_(context_) {}

  // Returns when a signal has ended the server or `on_start_error` was called, and the listeners have ended.
  std::optional<StartError> run(Reload reload) {
    reload_ = std::move(reload);
    run_until_done(
        [&] {
          signals_.cancel();  // of an earlier run that an exception ended
          listen();
          look_after_memory();
          orphan_reaper_.start();
          context_.run();
        },
        [this](std::string_view what) { log_->error("a signal could not be handled: {}; send it again", what); });
    for (const int signal : {SIGTERM, SIGINT})
      std::signal(signal, [](int second) { std::_Exit(kKilledBySignal + second); });
    return std::move(start_error_);
  }

  // Any thread.
  void request_reload(ReloadRequestPtr request) {
    asio::post(context_, [this, request = std::move(request)] {
      if (!ending_) reload_(request);
    });
  }

  // Any thread. The work runs on this thread, unless the server is ending.
  void run_here(std::function<void()> work) {
    asio::post(context_, [this, work = std::move(work)] {
      if (!ending_) work();
    });
  }

  // Any thread.
  void on_start_error(StartError error) {
    asio::post(context_, [this, error = std::move(error)] {
      start_error_ = error;
      drain();
    });
  }

 private:
  void look_after_memory() {
    served_ += refill_memory_reserve();
    if (served_ > 0 && memory_throttle_.allow(Instant::clock::now()))
      log_->error("memory is short: {} allocations took from the reserve", std::exchange(served_, 0));
    memory_timer_.expires_after(kMemoryInterval);
    memory_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) look_after_memory();
    });
  }
  void listen() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        reload_(std::make_shared<ReloadRequest>());
      } else if (ending_) {
        std::_Exit(kKilledBySignal + signal);
      } else {
        log_->info("draining");
        drain();
      }
      listen();
    });
  }

  // On a thread of its own, so that a second signal is handled.
  void drain() {
    if (std::exchange(ending_, true)) return;
    limit_the_end();
    const auto stop = [this] {
      listeners_.stop();
      context_.stop();
    };
    auto thread = start_thread({"drain", std::nullopt, 0}, stop);
    if (!thread) return stop();
    drain_thread_ = std::move(*thread);
  }

  Listeners& listeners_;
  Log log_;
  asio::io_context context_{1};
  asio::signal_set signals_;
  asio::steady_timer memory_timer_;
  OrphanReaper orphan_reaper_;
  Throttle memory_throttle_;
  std::size_t served_ = 0;  // allocations that took from the reserve, not logged yet
  Reload reload_;
  bool ending_ = false;
  std::optional<StartError> start_error_;
  std::jthread drain_thread_;
};

// Without destructors: some thread cannot end.
[[noreturn]] void end_now(const Log& log, bool saved, const std::optional<StartError>& error) {
  if (error) log->error("{}", error->message);
  log->info("ended");
  log->flush();
  std::_Exit(saved && !error ? EXIT_SUCCESS : kUnsaved);
}

// Applies a new configuration: replaces the failover part and the places of zones, and tells which changes need a
// restart. With errors in it the running configuration stays, and only the zones are reloaded.
void apply_new_config(const Options& running, ConfigThread::Outcome& read, const ReloadRequestPtr& request,
                      FailoverService& failover_service, StoreThread& store_thread, const Log& log) {
  const auto refuse = [&](const std::string& line) {
    log->error("{}", line);
    request->report.refuse(line);
  };
  if (!read) {
    for (const std::string& error : read.error()) refuse(error);
    refuse("the new configuration has errors: keeping the running configuration");
    return store_thread.reload(request);
  }
  for (const std::string_view name : needs_restart(running, read->options)) {
    const std::string line = fmt::format("{} has changed: it takes effect after a restart", name);
    log->warn("{}", line);
    request->report.add(line);
  }
  const bool without_state = running.state.empty() && !read->options.steering.empty();
  if (without_state) {
    const std::string line =
        "[[record]] sections take effect after a restart: the running server has no state directory";
    log->warn("{}", line);
    request->report.add(line);
  }
  read->options.store.images = running.store.images;
  store_thread.reload(request, std::make_shared<const StoreOptions>(std::move(read->options.store)),
                      std::move(read->config_check));  // from here on the request is the store thread's
  if (!without_state) failover_service.reload(std::move(read->options.steering));
}

dns::Result<void, StartError> serve_options(const Options& options, ServerObserver& observer,
                                            const ConfigReloader& config_reloader, const Log& log,
                                            LineWriter& log_writer) {
  const Instant started = Instant::clock::now();
  Listeners listeners(options.listen, options.responder, standard_tables(), log,
                      standard_listeners(options.listen, log));
  SignalLoop signal_loop(listeners, log);
  raise_capabilities();
  if (const auto bound = listeners.bind(); !bound) return dns::Failure<StartError>(to_start_error(bound.error()));
  FailoverService failover_service(options, listeners, log);
  failover_service.open();
  if (const auto dropped = drop_privileges(options.privileges); !dropped)
    return dns::Failure<StartError>(
        StartError{StartError::Kind::kPrivileges, "cannot drop privileges: " + dropped.error(), ""});
  if (const auto done = log_writer.start(); !done) return dns::Failure(no_thread("log", done.error()));
  StoreThread store_thread(
      {.options = options,
       .listeners = listeners,
       .observer = observer,
       .log = log,
       .started = started,
       .on_start_error = [&](StartError error) { signal_loop.on_start_error(std::move(error)); },
       .on_published = {},
       .on_suspended = [&](const std::vector<SuspendedRrset>& sets) { failover_service.suspended(sets); },
       .on_zone_faults = [&](std::vector<ZoneFault> faults) { failover_service.zone_faults(std::move(faults)); },
       .first_overlay_timeout =
           options.steering.empty() ? Duration::zero() : options.steering.initial_round + kFirstDecisionTimeout});
  if (auto opened = store_thread.open(); !opened) return dns::Failure<StartError>(std::move(opened.error()));
  failover_service.journal_faults(store_thread.journal_faults());
  if (options.steering.empty())  // no managed records any more: remove the overlay of an earlier configuration
    store_thread.submit_overlay({});
  if (const auto done = failover_service.start(
          store_thread, [&](ReloadRequestPtr request) { signal_loop.request_reload(std::move(request)); });
      !done)
    return dns::Failure(no_thread("failover", done.error()));
  ConfigThread config_thread(
      config_reloader,
      [&](const ReloadRequestPtr& request, std::shared_ptr<ConfigThread::Outcome> outcome) {
        signal_loop.run_here([&, request, outcome] {
          apply_new_config(options, *outcome, request, failover_service, store_thread, log);
        });
      },
      log);
  if (const auto done = config_thread.start(); !done) return dns::Failure(no_thread("configuration", done.error()));
  auto store = start_thread({"store", std::nullopt, 0}, [&] { store_thread.run(); });
  if (!store) return dns::Failure(no_thread("store", store.error()));
  auto error = signal_loop.run([&](const ReloadRequestPtr& request) {
    if (config_reloader) config_thread.read(request);
    else store_thread.reload(request);
  });
  const bool saved = failover_service.stop();
  if (!saved) log->error("the disk did not take the failover state in time: it is lost");
  const StoreThread::Stopped stopped = store_thread.stop(kStoreStopTimeout);
  if (stopped == StoreThread::Stopped::kDisk)
    log->error("the disk did not take the journals in time: the next start continues behind the reserved serials");
  const bool read = config_thread.stop(kConfigStopTimeout);
  if (!saved || stopped != StoreThread::Stopped::kDone || !read)
    end_now(log, saved && stopped != StoreThread::Stopped::kDisk, error);
  if (error) return dns::Failure<StartError>(std::move(*error));
  log->info("ended");
  return {};
}

}  // namespace

std::vector<ServedZone> served_zones(const dns::Snapshot& snapshot) {
  std::vector<ServedZone> served;
  for (const auto& zone : snapshot.zones())
    if (zone->apex_node()) served.push_back({zone->apex(), zone->serial(), zone->totals().records});
  return served;
}

dns::Result<void, StartError> serve(const Options& options, ServerObserver& observer,
                                    const ConfigReloader& config_reloader,
                                    const std::shared_ptr<LineWriter>& log_writer) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed log must not end the server
  const Log log = make_log(options.log, log_writer);
  try {
    return serve_options(options, observer, config_reloader, log, *log_writer);
  } catch (const std::exception& error) {  // no memory, descriptor or other resource is left
    return dns::Failure(StartError{StartError::Kind::kSystem, fmt::format("cannot start: {}", error.what()), {}});
  }
}

}  // namespace server
