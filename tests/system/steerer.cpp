// A server that a program steers: it makes decisions as fast as requested, and prints what it has published.
//
//     steerer ADDRESS ZONE=FILE STATE          reads lines: "steer COUNT MICROSECONDS", "reload", "end"
//
// The zone's "www A" is 203.0.0.0 plus the number of the decision. The state directory continues this number over
// restarts. Output: "ready MILLISECONDS", "published NUMBER SERIAL NANOSECONDS WAITED" for each decision, "done" after
// each "steer". NANOSECONDS is the time from the decision until it answers every later query. In WAITED of them the
// publishing thread was ready to run but got no CPU, because other programs used it. Each decision waits for the
// decision before it.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <semaphore>
#include <sstream>

#include "server/listen/standard_listeners.h"
#include "server/runtime/thread.h"
#include "server/store_thread.h"
#include "zone/name/text.h"

namespace {

constexpr std::uint32_t kFirst = 0xcb00'0000;  // 203.0.0.0

class StdoutObserver : public server::ServerObserver {
 public:
  void on_zone(const server::ZoneReport&) override {}
  void on_error(const std::string& words) override { std::cerr << words << std::endl; }
  void on_progress(std::size_t, std::size_t) override {}
  std::string config_error(const dns::Snapshot&) override { return {}; }
  void on_ready(const server::StartupInfo& info) override {
    print_line("ready " + std::to_string(info.startup_time.count()));
  }

  // One write call at once: the reader may end this process at any time.
  static void print_line(const std::string& line) {
    const std::string whole = line + "\n";
    if (::write(STDOUT_FILENO, whole.data(), whole.size()) < 0) std::_Exit(1);
  }
};

server::Overlay decision(std::uint64_t number, const dns::Name& owner) {
  server::Overlay overlay;
  overlay.generation = number;
  dns::Rrset set(dns::Type::A, 5);
  std::uint8_t address[4];
  dns::store32(address, kFirst + static_cast<std::uint32_t>(number));
  set.add(address);
  overlay.sets = overlay.sets.with(
      std::make_shared<const server::ManagedRrset>(server::ManagedRrset{owner, dns::Type::A, set, {}}));
  return overlay;
}

// The nanoseconds for which this thread has been ready to run without a CPU, as the scheduler counts them; 0 if it does
// not count them.
std::int64_t waited_for_cpu() {
  std::ifstream counted("/proc/thread-self/schedstat");
  std::int64_t ran = 0, waited = 0;
  return counted >> ran >> waited ? waited : 0;
}

// Makes the decisions, one after another.
class Steerer {
 public:
  Steerer(server::StoreThread& store_thread, dns::Name owner)
      : store_thread_(store_thread), owner_(std::move(owner)), number_(store_thread.recovered_overlay().generation) {}

  void steer(std::uint64_t count, std::chrono::microseconds pause) {
    for (; count > 0; --count) {
      begun_ = server::Instant::clock::now();
      store_thread_.submit_overlay(decision(++number_, owner_));
      published_.acquire();
      std::this_thread::sleep_for(pause);
    }
    StdoutObserver::print_line("done");
  }
  void on_published(const server::Publication& publication) {
    const auto taken = (publication.at - begun_).count();
    const std::int64_t waited_now = waited_for_cpu(), waited = waited_now - std::exchange(waited_before_, waited_now);
    const std::uint32_t serial = publication.zones.empty() ? 0 : publication.zones.front().serial.value;
    StdoutObserver::print_line("published " + std::to_string(publication.generation) + " " + std::to_string(serial) +
                               " " + std::to_string(taken) + " " +
                               std::to_string(std::min<std::int64_t>(waited, taken)));
    published_.release();
  }

 private:
  server::StoreThread& store_thread_;
  dns::Name owner_;
  std::uint64_t number_;
  server::Instant begun_;
  std::int64_t waited_before_ = 0;  // of the publishing thread
  std::binary_semaphore published_{0};
};

}  // namespace

int main(int count, char** words) {
  if (count != 4) return 2;
  const std::string zone = words[2];
  const std::size_t equals = zone.find('=');
  server::Options options;
  options.listen.addresses = *server::parse_endpoints(words[1]);
  options.listen.workers = 1;
  options.store.zones.push_back({*dns::parse_name(zone.substr(0, equals)), zone.substr(equals + 1)});
  options.state = words[3];
  options.log.level = server::LogLevel::kWarning;
  const auto log_writer = std::make_shared<server::LineWriter>(STDERR_FILENO);
  if (!log_writer->start()) return 7;
  const server::Log log = server::make_log(options.log, log_writer);
  server::Listeners listeners(options.listen, options.responder, server::standard_tables(), log,
                              server::standard_listeners(options.listen, log));
  if (!listeners.bind()) return 3;
  StdoutObserver observer;
  std::optional<Steerer> steerer;
  server::StoreThread store_thread(
      {.options = options,
       .listeners = listeners,
       .observer = observer,
       .log = log,
       .started = server::Instant::clock::now(),
       .on_start_error =
           [](server::StartError error) {
             std::cerr << error.message << std::endl;
             std::_Exit(4);
           },
       .on_published = [&](const server::Publication& publication) { steerer->on_published(publication); },
       .first_overlay_timeout = {}});
  if (const auto opened = store_thread.open(); !opened) {
    std::cerr << opened.error().message << std::endl;
    return 5;
  }
  steerer.emplace(store_thread, *dns::parse_name("www", options.store.zones.front().apex));
  const auto store = server::start_thread({"store", std::nullopt, 0}, [&] { store_thread.run(); });
  for (std::string line; std::getline(std::cin, line) && line != "end";) {
    std::istringstream command(line);
    std::string verb;
    std::uint64_t steps = 0, microseconds = 0;
    command >> verb >> steps >> microseconds;
    if (verb == "steer") steerer->steer(steps, std::chrono::microseconds(microseconds));
    if (verb == "reload") store_thread.reload(std::make_shared<server::ReloadRequest>());
  }
  listeners.stop();
  return store_thread.stop(std::chrono::seconds(10)) == server::StoreThread::Stopped::kDone ? 0 : 6;
}
