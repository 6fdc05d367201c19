// The composition root: builds each part from the options, connects the parts, and ends them.
//
//     bind all sockets -> drop privileges -> load all zones -> publish -> start listeners -> ready
//     SIGHUP, `waymark reload`: read the configuration again, load what changed, publish all changes at once
//     SIGTERM, SIGINT: drain and return; a second one ends the process at once
//
// Threads: the caller's thread waits for signals. Another reads the configuration again. One thread owns the store and
// is the only writer. UDP has a pinned thread for each worker and address, TCP has its own threads. The listeners start
// when every zone was tried. Zones that could not be loaded are answered with SERVFAIL while the others are served. The
// start fails if there is no zone at all, and with `strict_start` if anything is wrong with one.
//
// Draining is limited in time: queries that have arrived are answered, clients that do not read are closed after a
// second, and a load that is running is abandoned. The process ends within two seconds, whatever hangs.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "server/config/config.h"
#include "server/config/options.h"
#include "server/observe/line_writer.h"
#include "server/start_error.h"
#include "server/store/report.h"
#include "zone/snapshot/snapshot.h"

namespace server {

struct ServedZone {
  dns::CompactName apex;
  dns::Serial serial;
  std::uint64_t records = 0;
};

// In canonical order, without those that could not be loaded. Any thread; the cost is proportional to their number.
std::vector<ServedZone> served_zones(const dns::Snapshot& snapshot);

// For the startup report of `waymark serve`.
struct StartupInfo {
  std::vector<ServedZone> zones;  // in canonical order
  LoadSummary load;
  std::vector<ListenAddress> addresses;  // as bound; a port 0 was replaced by the kernel's choice
  std::size_t workers = 0;               // UDP threads for each address
  std::chrono::milliseconds startup_time{};
};

// The server logs the outcome of each load; the observer shows the diagnostics.
class ServerObserver : public LoadObserver {
 public:
  // Reports where the zones of the first load do not match this configuration, and returns a summary; empty if they do.
  // Called before `on_ready`.
  virtual std::string config_error(const dns::Snapshot& zones) = 0;
  // Called once, when the listeners run. All calls are on the store's thread.
  virtual void on_ready(const StartupInfo& info) = 0;
};

// Finds where a configuration does not match the zones: one line for each error, with its place.
using ConfigCheck = std::function<std::vector<std::string>(const dns::Snapshot& zones, ZoneFindings findings)>;

struct NewConfig {
  Options options;
  ConfigCheck config_check;
};

// Reads the options again at SIGHUP, from the same file and command line, on a thread of its own. The error has one
// line for each fault, with its place. May be empty.
using ConfigReloader = std::function<dns::Result<NewConfig, std::vector<std::string>>()>;

// Serves until a signal ends it. Success means that it was drained. The log goes to `log_writer`. The caller
// has called refill_memory_reserve.
dns::Result<void, StartError> serve(const Options& options, ServerObserver& observer,
                                    const ConfigReloader& config_reloader,
                                    const std::shared_ptr<LineWriter>& log_writer);

}  // namespace server
