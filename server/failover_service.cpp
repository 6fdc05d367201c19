#include "server/failover_service.h"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "server/control/socket_path.h"
#include "server/steering/words.h"

namespace server {
namespace {

constexpr std::size_t kMostZoneAlarms = 100;
constexpr std::chrono::seconds kWatchInterval{1};  // of absent listen addresses

std::vector<std::pair<std::string, std::uint64_t>> counter_totals(const std::deque<Counters>& all) {
  static constexpr std::pair<std::string_view, Counter Counters::*> kNames[] = {
      {"answers", &Counters::answers},
      {"dropped", &Counters::dropped},
      {"prohibited", &Counters::prohibited},
      {"truncated", &Counters::truncated},
      {"unsent", &Counters::unsent},
      {"connections", &Counters::connections},
      {"evicted", &Counters::evicted},
      {"timeouts", &Counters::timeouts},
      {"signed", &Counters::verified},
      {"wrongly_signed", &Counters::unverified},
      {"streams", &Counters::streams},
      {"stream_messages", &Counters::stream_messages},
      {"taken", &Counters::taken}};
  std::vector<std::pair<std::string, std::uint64_t>> counter_totals;
  for (const Transport* transport : kTransports) {
    std::uint64_t sum = 0;
    for (const Counters& one : all) sum += one.queries[transport->number].value();
    counter_totals.emplace_back(fmt::format("queries_{}", transport->name), sum);
  }
  for (const auto& [name, member] : kNames) {
    std::uint64_t sum = 0;
    for (const Counters& one : all) sum += (one.*member).value();
    counter_totals.emplace_back(name, sum);
  }
  std::uint64_t late = 0;
  for (const Counters& one : all) late += one.late.value();
  counter_totals.emplace_back("late", late);
  return counter_totals;
}

}  // namespace

FailoverService::FailoverService(const Options& options, const Listeners& listeners, Log log)
    : options_(options),
      listeners_(listeners),
      log_(std::move(log)),
      failover_thread_({.options = options.steering,
                        .state = options.state,
                        .publish = [this](Overlay overlay) { store_thread_->submit_overlay(std::move(overlay)); },
                        .log = log_,
                        .go_on =
                            [this] {
                              if (address_watch_) watch_addresses();
                            }}),
      watch_timer_(failover_thread_.context()) {}

void FailoverService::open() {
  if (control_path(options_.control, options_.state).empty()) make_socket_directory(options_.privileges);
  if (!options_.state.empty()) failover_thread_.open();  // without it, no record can be managed, also after a reload
}

dns::Result<void, std::string> FailoverService::start(StoreThread& store_thread,
                                                      std::function<void(ReloadRequestPtr)> reload) {
  store_thread_ = &store_thread;
  reload_ = std::move(reload);
  if (const auto opened = open_control_socket(); !opened) return opened;
  if (options_.listen.absent == AbsentAddress::kWait) {
    address_watch_.emplace(listeners_.addresses());
    watch_addresses();
  }
  return failover_thread_.start(store_thread.recovered_overlay().generation);
}

dns::Result<void, std::string> FailoverService::open_control_socket() {
  static constexpr std::string_view kConsequence = "commands such as waymark status do not work";
  const std::string configured = control_path(options_.control, options_.state);
  const std::string path = configured.empty() ? usable_socket_path() : configured;
  if (path.empty()) {
    log_->warn("no control socket: the server cannot write to the directory of {}; {}; set control in [server]",
               fmt::join(default_socket_paths(), " or "), kConsequence);
    return {};
  }
  command_handler_.emplace(CommandHandler::Dependencies{
      failover_thread_,
      [this](std::function<void(ServerReport)> done) { report(std::move(done)); },
      [this](std::function<void(const ReloadReport&)> done) { reload_and_report(std::move(done)); },
      [this](const dns::Name& apex, std::function<void(std::optional<ZoneHistory>)> done) {
        store_thread_->request_history(apex, std::move(done));
      },
      {::geteuid(), ::getegid()}});
  if (auto started = command_handler_->start(); !started) return started;
  control_socket_.emplace(*command_handler_, log_);
  auto opened = control_socket_->open(path);
  if (!opened && configured.empty() && !listeners_.addresses().empty())  // another server of this host has the default
    opened = control_socket_->open(second_socket_path(path, listeners_.addresses().front().port));
  if (!opened)
    log_->log(configured.empty() ? spdlog::level::warn : spdlog::level::err,
              "control socket cannot be opened: {}; {}; set control in [server] to another path", opened.error(),
              kConsequence);
  return {};
}

// On the failover thread, except for the first call.
void FailoverService::watch_addresses() {
  for (const AddressWatch::Change& change : address_watch_->update()) {
    const std::string address = to_text(change.endpoint);
    if (change.present) log_->info("listen address {}: this machine has it now; queries to it are answered", address);
    else log_->warn("listen address {}: this machine does not have it; waiting for it", address);
  }
  watch_timer_.expires_after(kWatchInterval);
  watch_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) watch_addresses();
  });
}

bool FailoverService::stop() {
  const bool saved = failover_thread_.end(kEndTimeout);
  if (command_handler_) command_handler_->end();  // before the control socket, which its replies use
  control_socket_.reset();
  return saved;
}

void FailoverService::suspended(const std::vector<SuspendedRrset>& sets) {
  FailoverController::SuspendedNames names;
  for (const SuspendedRrset& set : sets) names.emplace(managed_name(set.owner, set.type), to_text(set));
  failover_thread_.set_suspended(std::move(names));
}

void FailoverService::zone_faults(std::vector<ZoneFault> faults) {
  std::vector<FailoverThread::Trouble> zones;
  const std::size_t shown = std::min(faults.size(), kMostZoneAlarms);
  for (std::size_t i = 0; i < shown; ++i) zones.push_back({faults[i].zone, std::move(faults[i].message)});
  if (faults.size() > shown)
    zones.push_back({"more", fmt::format("{} more zones cannot be loaded: see the log", faults.size() - shown)});
  failover_thread_.set_troubles("zone", std::move(zones));
}

void FailoverService::journal_faults(const std::vector<std::string>& faults) {
  std::vector<FailoverThread::Trouble> troubles;
  for (const std::string& fault : faults) troubles.push_back({fault, "state directory: " + fault});
  failover_thread_.set_troubles("journal", std::move(troubles));
}

// On the failover thread. The store's thread passes its snapshot on and reads the counters of the listeners, which have
// started before the store takes its first request.
void FailoverService::report(std::function<void(ServerReport)> done) {
  std::vector<std::string> absent;
  if (address_watch_)
    for (const ListenAddress& address : address_watch_->absent()) absent.push_back(to_text(address));
  store_thread_->request_snapshot(
      [this, absent = std::move(absent), done = std::move(done)](std::shared_ptr<const dns::Snapshot> zones) {
        ServerReport report{.zones = std::move(zones),
                            .counters = counter_totals(listeners_.counters()),
                            .addresses = {},
                            .publication_times = store_thread_->publication_times(),
                            .absent = absent};
        for (const ListenAddress& address : listeners_.addresses()) report.addresses.push_back(to_text(address));
        done(std::move(report));
      });
}

// The reload ends on the store's thread, or on the main thread.
void FailoverService::reload_and_report(std::function<void(const ReloadReport&)> done) {
  auto request = std::make_shared<ReloadRequest>();
  request->done = [this, done = std::move(done)](const ReloadReport& report) {
    boost::asio::post(failover_thread_.context(), [done, report] { done(report); });
  };
  reload_(std::move(request));
}

}  // namespace server
