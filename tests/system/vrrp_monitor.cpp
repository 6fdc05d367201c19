// Watches one virtual router for a test and prints one line for each event. At the end it prints "why WORD" lines with
// the numbers of rejected advertisements.
//
//   vrrp_monitor INTERFACE SECONDS SOURCES VIP ROUTER,ROUTER [local=NAME] [fifo=PATH] [snapshot=PATH] [unicast]
//
// The routers have the names a, b, ...
#include "server/vrrp/vrrp_monitor.h"

#include <chrono>
#include <cstdio>
#include <sstream>

#include <boost/asio/steady_timer.hpp>

namespace {

server::VirtualRouterOptions options_of(int count, char** words) {
  server::VirtualRouterOptions options;
  options.name = "watched";
  options.vrid = 51;
  options.interface = words[1];
  options.fifo_instance = "VI_1";
  options.sources.clear();
  const std::string sources = words[3];
  if (sources.find("passive") != sources.npos) options.sources.push_back(server::VrrpSource::kPassive);
  if (sources.find("netlink") != sources.npos) options.sources.push_back(server::VrrpSource::kNetlink);
  if (sources.find("fifo") != sources.npos) options.sources.push_back(server::VrrpSource::kFifo);
  options.vips = {boost::asio::ip::make_address(words[4])};
  if (options.vips[0].is_v6()) options.family = server::Family::kIpv6;
  std::istringstream routers(words[5]);
  for (std::string address; std::getline(routers, address, ',');)
    options.routers.push_back(
        {std::string(1, static_cast<char>('a' + options.routers.size())), {boost::asio::ip::make_address(address)}});
  for (int i = 6; i < count; ++i) {
    const std::string word = words[i];
    if (word.starts_with("local=")) options.local_router = word.substr(6);
    if (word.starts_with("fifo=")) options.fifo = word.substr(5);
    if (word.starts_with("snapshot=")) options.snapshot = word.substr(9);
    if (word == "unicast") options.unicast = true;
  }
  return options;
}

}  // namespace

int main(int count, char** words) {
  if (count < 6) return 2;
  static constexpr const char* kStates[] = {"UNKNOWN",   "ACTIVE", "RELEASING", "SUSPECT",
                                            "NO_ACTIVE", "SPLIT",  "FLAPPING"};
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  boost::asio::io_context context{1};
  const auto options = options_of(count, words);
  const auto milliseconds = [] {
    return static_cast<long long>(
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count());
  };
  server::VrrpMonitor watch(
      context, {options},
      {.on_change =
           [&](std::size_t, const server::VirtualRouterStatus& seen) {
             std::printf("%lld %s %s%s | %s\n", milliseconds(), kStates[static_cast<std::size_t>(seen.state)],
                         seen.active ? options.routers[*seen.active].name.c_str() : "-", seen.stale_vip ? " stale" : "",
                         seen.reason.c_str());
           },
       .on_fault =
           [&](const server::SourceFault& fault) {
             std::printf("%lld fault %s\n", milliseconds(), fault.message.c_str());
           },
       .on_rejected = [&](const std::string& line) { std::printf("%lld %s\n", milliseconds(), line.c_str()); },
       .on_recovery =
           [&](const std::string& subject) { std::printf("%lld recovered %s\n", milliseconds(), subject.c_str()); }});
  for (const auto& fault : watch.open()) std::printf("%lld fault %s\n", milliseconds(), fault.message.c_str());
  watch.start();
  std::printf("%lld ready\n", milliseconds());
  boost::asio::steady_timer end(context, std::chrono::milliseconds(static_cast<int>(1000 * std::atof(words[2]))));
  end.async_wait([&](const boost::system::error_code&) { context.stop(); });
  context.run();
  const server::AdvertCounters* foreign = watch.interface_counters(options.interface);
  for (std::size_t i = 0; i < server::kAdvertRejects; ++i) {
    const auto reject = static_cast<server::AdvertReject>(i);
    const auto total = watch.counters(0).of(reject) + (foreign != nullptr ? foreign->of(reject) : 0);
    if (total > 0)
      std::printf("why %.*s %llu\n", static_cast<int>(word(reject).size()), word(reject).data(),
                  static_cast<unsigned long long>(total));
  }
  std::printf("accepted %llu lost %llu outgoing %llu\n", static_cast<unsigned long long>(watch.counters(0).accepted()),
              static_cast<unsigned long long>(foreign != nullptr ? foreign->lost() : 0),
              static_cast<unsigned long long>(watch.counters(0).of(server::AdvertForm::kOutgoing)));
}
