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

constexpr std::chrono::milliseconds kStoreStopTimeout{300};      // for the store's thread at the end
constexpr std::chrono::milliseconds kFirstDecisionTimeout{500};  // what the first decision may take behind its evidence
constexpr int kKilledBySignal = 128;  // exit code of a process that a signal ended, as shells count

// The main thread: hears signals and ends what the others began.
class SignalLoop {
 public:
  SignalLoop(Listeners& listeners, Log log)
      : listeners_(listeners), log_(std::move(log)), signals_(context_, SIGHUP, SIGTERM, SIGINT) {}

  // Until a signal ends the server or `on_start_error` was called; then the listeners have ended.
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

  // On a thread of its own, so that a second signal is heard.
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

// What is steered is replaced, zones are looked for where it says, what needs a restart is told, and what has faults
// changes nothing: then zones are loaded from where they were.
void apply_new_config(const Options& running, const ConfigReloader& config_reloader,
                      std::optional<FailoverService>& failover_service, StoreThread& store_thread, const Log& log) {
  auto read = config_reloader();
  if (!read) {
    for (const std::string& error : read.error()) log->error("{}", error);
    log->error(
        "the configuration has faults: what is steered goes on as it was, and zones are looked for where they were");
    return store_thread.reload();
  }
  for (const std::string_view name : needs_restart(running, read->options))
    log->warn("{} has changed: it takes effect at a restart", name);
  read->options.store.images = running.store.images;
  store_thread.reload(std::make_shared<const StoreOptions>(std::move(read->options.store)));
  if (failover_service) failover_service->reload(std::move(read->options.steering));
  store_thread.check_config(std::move(read->config_check));
}

}  // namespace

dns::Result<void, StartError> serve(const Options& options, ServerObserver& observer,
                                    const ConfigReloader& config_reloader) {
  const Instant started = Instant::clock::now();
  std::signal(SIGPIPE, SIG_IGN);  // whoever reads the log may go: that ends no server
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
        StartError{StartError::Kind::kPrivileges, "cannot give up privileges: " + dropped.error(), ""});
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
  if (options.steering.empty())  // nobody steers any more: what an earlier server laid is taken off
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
    std::_Exit(EXIT_SUCCESS);  // in the middle of a load, which nobody waits for any more
  if (error) return dns::Failure<StartError>(std::move(*error));
  log->info("ended");
  return {};
}

}  // namespace server
