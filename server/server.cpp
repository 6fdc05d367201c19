#include "server/server.h"

#include <csignal>
#include <cstdlib>
#include <optional>

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include "server/failover_service.h"
#include "server/runtime/thread.h"

namespace server {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kStoreStopTimeout{300};  // for the store's thread to end
constexpr std::chrono::milliseconds kFirstDecisionTimeout{
    500};                             // for the first decision, after the first round of checks
constexpr int kKilledBySignal = 128;  // exit code of a process that a signal ended, as shells count

// The main thread: handles signals and ends the listeners.
class SignalLoop {
 public:
  SignalLoop(Listeners& listeners, Log log)
      : listeners_(listeners), log_(std::move(log)), signals_(context_, SIGHUP, SIGTERM, SIGINT) {}

  // Returns when a signal has ended the server or `on_start_error` was called, and the listeners have ended.
  std::optional<StartError> run(const std::function<void()>& reload) {
    listen(reload);
    context_.run();
    return std::move(start_error_);
  }

  // Any thread.
  void on_start_error(StartError error) {
    asio::post(context_, [this, error = std::move(error)] {
      start_error_ = error;
      drain();
    });
  }

 private:
  void listen(const std::function<void()>& reload) {
    signals_.async_wait([this, &reload](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        reload();
      } else if (ending_) {
        std::_Exit(kKilledBySignal + signal);
      } else {
        log_->info("draining");
        drain();
      }
      listen(reload);
    });
  }

  // On a thread of its own, so that a second signal is handled.
  void drain() {
    if (std::exchange(ending_, true)) return;
    drain_thread_ = start_thread({"drain", std::nullopt, 0}, [this] {
      listeners_.stop();
      asio::post(context_, [this] { context_.stop(); });
    });
  }

  Listeners& listeners_;
  Log log_;
  asio::io_context context_{1};
  asio::signal_set signals_;
  bool ending_ = false;
  std::optional<StartError> start_error_;
  std::jthread drain_thread_;
};

// Applies a new configuration: replaces the failover part and the places of zones, and logs which changes need a
// restart. With errors in it the running configuration stays, and only the zones are reloaded.
void apply_new_config(const Options& running, const ConfigReloader& config_reloader,
                      std::optional<FailoverService>& failover_service, StoreThread& store_thread, const Log& log) {
  auto read = config_reloader();
  if (!read) {
    for (const std::string& error : read.error()) log->error("{}", error);
    log->error("the new configuration has errors: keeping the running configuration");
    return store_thread.reload();
  }
  for (const std::string_view name : needs_restart(running, read->options))
    log->warn("{} has changed: it takes effect after a restart", name);
  read->options.store.images = running.store.images;
  store_thread.reload(std::make_shared<const StoreOptions>(std::move(read->options.store)));
  if (failover_service) failover_service->reload(std::move(read->options.steering));
  store_thread.check_config(std::move(read->config_check));
}

}  // namespace

dns::Result<void, StartError> serve(const Options& options, ServerObserver& observer,
                                    const ConfigReloader& config_reloader) {
  const Instant started = Instant::clock::now();
  std::signal(SIGPIPE, SIG_IGN);  // a closed log must not end the server
  const Log log = make_log(options.log);
  Listeners listeners(options.listen, options.responder, log);
  SignalLoop signal_loop(listeners, log);
  raise_capabilities();
  if (const auto bound = listeners.bind(); !bound) return dns::Failure<StartError>(to_start_error(bound.error()));
  std::optional<FailoverService> failover_service;
  if (FailoverService::needed(options)) failover_service.emplace(options, listeners, log);
  if (failover_service) failover_service->open();
  if (const auto dropped = drop_privileges(options.privileges); !dropped)
    return dns::Failure<StartError>(
        StartError{StartError::Kind::kPrivileges, "cannot drop privileges: " + dropped.error(), ""});
  StoreThread store_thread({.options = options,
                            .listeners = listeners,
                            .observer = observer,
                            .log = log,
                            .started = started,
                            .on_start_error = [&](StartError error) { signal_loop.on_start_error(std::move(error)); },
                            .on_published = {},
                            .on_suspended =
                                [&](const std::vector<SuspendedRrset>& sets) {
                                  if (failover_service) failover_service->suspended(sets);
                                },
                            .first_overlay_timeout = options.steering.empty()
                                                         ? Duration::zero()
                                                         : options.steering.initial_round + kFirstDecisionTimeout});
  if (auto opened = store_thread.open(); !opened) return dns::Failure<StartError>(std::move(opened.error()));
  if (options.steering.empty())  // no managed records any more: remove the overlay of an earlier configuration
    store_thread.submit_overlay({});
  if (failover_service) failover_service->start(store_thread);
  const std::jthread store = start_thread({"store", std::nullopt, 0}, [&] { store_thread.run(); });
  const std::function<void()> reload = [&] {
    if (config_reloader) apply_new_config(options, config_reloader, failover_service, store_thread, log);
    else store_thread.reload();
  };
  auto error = signal_loop.run(reload);
  if (failover_service) failover_service->stop();
  if (!store_thread.stop(kStoreStopTimeout))
    std::_Exit(EXIT_SUCCESS);  // a load is running, and its result is not needed
  if (error) return dns::Failure<StartError>(std::move(*error));
  log->info("ended");
  return {};
}

}  // namespace server
