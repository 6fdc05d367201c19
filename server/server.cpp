#include "server/server.h"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <optional>

#include "server/keeper.h"
#include "server/runtime/thread.h"

namespace server {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kStoreEndTime{300};     // for the store's thread at the end
constexpr int kKilledBySignal = 128;                        // exit code of a process that a signal ended, as shells count

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
  const Instant started = Instant::clock::now();
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
