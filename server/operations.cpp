#include "server/operations.h"

#include <boost/asio/post.hpp>

#include <unistd.h>

#include <fmt/format.h>

#include "server/control/request.h"
#include "server/steering/words.h"
#include "zone/name/text.h"

namespace server {
namespace {

std::vector<std::pair<std::string, std::uint64_t>> sums(const std::deque<Counters>& all) {
  static constexpr std::pair<std::string_view, Counter Counters::*> kNames[] = {
      {"queries_udp", &Counters::queries_udp}, {"queries_tcp", &Counters::queries_tcp}, {"answers", &Counters::answers},
      {"dropped", &Counters::dropped}, {"truncated", &Counters::truncated}, {"unsent", &Counters::unsent},
      {"connections", &Counters::connections}, {"evicted", &Counters::evicted}, {"timeouts", &Counters::timeouts}};
  std::vector<std::pair<std::string, std::uint64_t>> sums;
  for (const auto& [name, member] : kNames) {
    std::uint64_t sum = 0;
    for (const Counters& one : all) sum += (one.*member).value();
    sums.emplace_back(name, sum);
  }
  return sums;
}

}  // namespace

bool Operations::wanted(const Options& options) {
  return !options.steering.empty() || !control_path(options.control, options.state).empty();
}

Operations::Operations(const Options& options, const Couriers& couriers, Log log)
    : options_(options), couriers_(couriers), log_(std::move(log)),
      failover_thread_({.options = options.steering, .state = options.state, .publish = [this](Overlay overlay) { keeper_->steer(std::move(overlay)); }, .log = log_}) {}

void Operations::start(Keeper& keeper) {
  keeper_ = &keeper;
  const std::string path = control_path(options_.control, options_.state);
  if (!path.empty()) {
    command_handler_.emplace(CommandHandler::Wiring{failover_thread_, [this](std::function<void(const ServerReport&)> done) { report(std::move(done)); }, {::geteuid(), ::getegid()}});
    control_socket_.emplace(*command_handler_);
    if (const auto opened = control_socket_->open(path); !opened) log_->error("no control socket: {}", opened.error());
  }
  failover_thread_.start(keeper.recovered().generation);
}

void Operations::end() {
  failover_thread_.end();
  control_socket_.reset();
}

void Operations::suspended(const std::vector<SuspendedSet>& sets) {
  std::vector<FailoverThread::Suspended> names;
  for (const SuspendedSet& set : sets) names.push_back({managed_name(set.owner, set.type), std::string(describe(set.obstacle))});
  failover_thread_.set_suspended(std::move(names));
}

// The zones are the store's: it is asked, and its answer brought back to the failover thread, where the couriers' counters are
// read; their threads were started before the store takes its first request.
void Operations::report(std::function<void(const ServerReport&)> done) {
  keeper_->inquire([this, done = std::move(done)](std::vector<ServedZone> zones) {
    ServerReport report{.zones = {}, .counters = sums(couriers_.counters()), .addresses = {}};
    for (const ServedZone& zone : zones) report.zones.push_back({dns::to_text(zone.apex), zone.serial.value, zone.records});
    for (const Endpoint& address : couriers_.addresses()) report.addresses.push_back(to_text(address));
    boost::asio::post(failover_thread_.context(), [done, report = std::move(report)] { done(report); });
  });
}

}  // namespace server
