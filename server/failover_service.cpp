#include "server/failover_service.h"

#include <unistd.h>

#include <algorithm>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "server/control/request.h"
#include "server/steering/words.h"
#include "zone/name/text.h"

namespace server {
namespace {

constexpr std::size_t kMostZoneAlarms = 100;

std::vector<std::pair<std::string, std::uint64_t>> counter_totals(const std::deque<Counters>& all) {
  static constexpr std::pair<std::string_view, Counter Counters::*> kNames[] = {
      {"queries_udp", &Counters::queries_udp}, {"queries_tcp", &Counters::queries_tcp},
      {"answers", &Counters::answers},         {"dropped", &Counters::dropped},
      {"truncated", &Counters::truncated},     {"unsent", &Counters::unsent},
      {"connections", &Counters::connections}, {"evicted", &Counters::evicted},
      {"timeouts", &Counters::timeouts}};
  std::vector<std::pair<std::string, std::uint64_t>> counter_totals;
  for (const auto& [name, member] : kNames) {
    std::uint64_t sum = 0;
    for (const Counters& one : all) sum += (one.*member).value();
    counter_totals.emplace_back(name, sum);
  }
  return counter_totals;
}

}  // namespace

bool FailoverService::needed(const Options& options) {
  return !options.steering.empty() || !control_path(options.control, options.state).empty();
}

FailoverService::FailoverService(const Options& options, const Listeners& listeners, Log log)
    : options_(options),
      listeners_(listeners),
      log_(std::move(log)),
      failover_thread_({.options = options.steering,
                        .state = options.state,
                        .publish = [this](Overlay overlay) { store_thread_->submit_overlay(std::move(overlay)); },
                        .log = log_}) {}

dns::Result<void, std::string> FailoverService::start(StoreThread& store_thread) {
  store_thread_ = &store_thread;
  const std::string path = control_path(options_.control, options_.state);
  if (!path.empty()) {
    command_handler_.emplace(
        CommandHandler::Dependencies{failover_thread_,
                                     [this](std::function<void(const ServerReport&)> done) { report(std::move(done)); },
                                     {::geteuid(), ::getegid()}});
    control_socket_.emplace(*command_handler_);
    if (const auto opened = control_socket_->open(path); !opened)
      log_->error("control socket cannot be opened: {}; commands such as waymark status do not work", opened.error());
  }
  return failover_thread_.start(store_thread.recovered_overlay().generation);
}

bool FailoverService::stop() {
  const bool saved = failover_thread_.end(kEndTimeout);
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

// The store's thread lists the zones and reads the counters of the listeners, which have started before the store takes
// its first request. The report is passed back to the failover thread.
void FailoverService::report(std::function<void(const ServerReport&)> done) {
  store_thread_->request_zone_list([this, done = std::move(done)](std::vector<ServedZone> zones) {
    ServerReport report{.zones = {}, .counters = counter_totals(listeners_.counters()), .addresses = {}};
    for (const ServedZone& zone : zones)
      report.zones.push_back({dns::to_text(zone.apex), zone.serial.value, zone.records});
    for (const Endpoint& address : listeners_.addresses()) report.addresses.push_back(to_text(address));
    boost::asio::post(failover_thread_.context(), [done, report = std::move(report)] { done(report); });
  });
}

}  // namespace server
