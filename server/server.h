// The composition root: builds each part from the options, hands it what it needs, and ends it.
//
//     bind all sockets -> drop privileges -> load all zones -> publish -> start listeners -> ready
//     SIGHUP: read again what is steered, load what changed, publish all of it at once       SIGTERM, SIGINT: drain,
//     return; a second one ends at once
//
// Threads: the caller's waits for signals; one thread owns the store and is the only writer; UDP has a pinned thread
// for each worker and address; TCP has its own. Serving begins once every zone was tried. Zones that could not be
// loaded are answered with SERVFAIL while the others are served; where not one zone could be loaded, the start fails.
//
// Draining is bounded: what has arrived is answered, clients that do not read are left after a second, and a load that
// is under way is abandoned by ending the process.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "server/config/options.h"
#include "server/start_error.h"
#include "server/store/report.h"
#include "zone/snapshot/snapshot.h"

namespace server {

struct ServedZone {
  dns::CompactName apex;
  dns::Serial serial;
  std::uint64_t records = 0;
};

// What `serve` prints first.
struct StartupInfo {
  std::vector<ServedZone> zones;  // in canonical order
  LoadSummary load;
  std::vector<Endpoint> addresses;  // as bound: a port 0 has become the kernel's choice
  std::size_t workers = 0;          // UDP threads an address
  std::chrono::milliseconds startup_time{};
};

// The outcomes of loads are logged by the server itself; an observer shows the diagnostics.
class ServerObserver : public LoadObserver {
 public:
  // Why the zones, as they were loaded first, cannot be served with this configuration; empty where they can. Before
  // `ready`.
  virtual std::string config_error(const dns::Snapshot& zones) = 0;
  // Once, when the listeners run. Called on the store's thread, as the other calls are.
  virtual void on_ready(const StartupInfo& info) = 0;
};

// What zones contradict of a configuration, a line a fault, with its place.
using ConfigCheck = std::function<std::vector<std::string>(const dns::Snapshot& zones)>;

struct NewConfig {
  Options options;
  ConfigCheck config_check;
};

// The options, read anew at SIGHUP: of the same file and command line. The error is a line a fault, with its place. May
// be empty.
using ConfigReloader = std::function<dns::Result<NewConfig, std::vector<std::string>>()>;

// Serves until a signal ends it. A value: drained in peace.
dns::Result<void, StartError> serve(const Options& options, ServerObserver& observer,
                                    const ConfigReloader& config_reloader = {});

}  // namespace server
