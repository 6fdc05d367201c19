#include "server/server.h"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <optional>

#include "server/operations.h"
#include "server/runtime/thread.h"

namespace server {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kStoreEndTime{300};     // for the store's thread at the end
constexpr std::chrono::milliseconds kFirstDecisionTime{500};   // what the first decision may take behind its evidence
constexpr int kKilledBySignal = 128;                        // exit code of a process that a signal ended, as shells count

// The main thread: hears signals and ends what the others began.
class Conductor {
 public:
  Conductor(Couriers& couriers, Log log) : couriers_(couriers), log_(std::move(log)), signals_(context_, SIGHUP, SIGTERM, SIGINT) {}

  // Until a signal ends the server or `cannot_start` was called; then the couriers have ended.
  std::optional<StartFault> run(const std::function<void()>& reload) {
    listen(reload);
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
  void listen(const std::function<void()>& reload) {
    signals_.async_wait([this, &reload](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        reload();
      } else if (ending_) {
        std::_Exit(kKilledBySignal + signal);
      } else {
        log_->info("draining");
        end();
      }
      listen(reload);
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

// What is steered is replaced, zones are looked for where it says, what needs a restart is told, and what has faults changes
// nothing: then zones are loaded from where they were.
void configure_again(const Options& running, const Reread& reread, std::optional<Operations>& operations, Keeper& keeper, const Log& log) {
  auto read = reread();
  if (!read) {
    for (const std::string& fault : read.error()) log->error("{}", fault);
    log->error("the configuration has faults: what is steered goes on as it was, and zones are looked for where they were");
    return keeper.reload();
  }
  for (const std::string_view name : needs_restart(running, read->options)) log->warn("{} has changed: it takes effect at a restart", name);
  read->options.store.images = running.store.images;
  keeper.reload(std::make_shared<const StoreOptions>(std::move(read->options.store)));
  if (operations) operations->reload(std::move(read->options.steering));
  keeper.compare(std::move(read->contradictions));
}

}  // namespace

dns::Result<void, StartFault> serve(const Options& options, Watcher& watcher, const Reread& reread) {
  const Instant started = Instant::clock::now();
  std::signal(SIGPIPE, SIG_IGN);   // whoever reads the log may go: that ends no server
  const Log log = make_log(options.log);
  Couriers couriers(options.listen, options.responder, log);
  Conductor conductor(couriers, log);
  raise_capabilities();
  if (const auto bound = couriers.bind(); !bound) return dns::Failure<StartFault>(start_fault(bound.error()));
  std::optional<Operations> operations;
  if (Operations::wanted(options)) operations.emplace(options, couriers, log);
  if (operations) operations->open();
  if (const auto dropped = drop_privileges(options.privileges); !dropped)
    return dns::Failure<StartFault>(StartFault{StartFault::Kind::kPrivileges, "cannot give up privileges: " + dropped.error(), ""});
  Keeper keeper({.options = options,
                 .couriers = couriers,
                 .watcher = watcher,
                 .log = log,
                 .started = started,
                 .cannot_start = [&](StartFault fault) { conductor.cannot_start(std::move(fault)); },
                 .on_published = {},
                 .on_suspended = [&](const std::vector<SuspendedSet>& sets) { if (operations) operations->suspended(sets); },
                 .first_steering_time = options.steering.empty() ? Duration::zero() : options.steering.initial_round + kFirstDecisionTime});
  if (auto opened = keeper.open(); !opened) return dns::Failure<StartFault>(std::move(opened.error()));
  if (options.steering.empty())   // nobody steers any more: what an earlier server laid is taken off
    keeper.steer({});
  if (operations) operations->start(keeper);
  const std::jthread store = start_thread({"store", std::nullopt, 0}, [&] { keeper.run(); });
  const std::function<void()> reload = [&] {
    if (reread) configure_again(options, reread, operations, keeper, log);
    else keeper.reload();
  };
  auto fault = conductor.run(reload);
  if (operations) operations->end();
  if (!keeper.end(kStoreEndTime)) std::_Exit(EXIT_SUCCESS);   // in the middle of a load, which nobody waits for any more
  if (fault) return dns::Failure<StartFault>(std::move(*fault));
  log->info("ended");
  return {};
}

}  // namespace server
