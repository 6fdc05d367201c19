// The composition root: builds each part from the options, hands it what it needs, and ends it.
//
//     bind all sockets -> drop privileges -> load all zones -> publish -> start couriers -> ready
//     SIGHUP: load what changed, publish all of it at once       SIGTERM, SIGINT: drain, return; a second one ends at once
//
// Threads: the caller's waits for signals; one thread owns the store and is the only writer; UDP has a pinned thread for
// each worker and address; TCP has its own. Serving begins once every zone was tried. Zones that could not be loaded are
// answered with SERVFAIL while the others are served; where not one zone could be loaded, the start fails.
#pragma once

#include <chrono>
#include <span>

#include "server/config/options.h"
#include "server/store/report.h"

namespace server {

struct ServedZone {
  dns::Name apex;
  dns::Serial serial;
  std::uint64_t records = 0;
};

// What `serve` prints first.
struct Ready {
  std::vector<ServedZone> zones;              // in canonical order
  LoadSummary load;
  std::vector<Endpoint> addresses;            // as bound: a port 0 has become the kernel's choice
  std::size_t workers = 0;                    // UDP threads an address
  std::chrono::milliseconds taken{};
};

struct StartFault {
  enum class Kind : std::uint8_t { kAddressInUse, kNotPermitted, kAddress, kPrivileges, kNoZones, kSystem } kind{};
  std::string message;   // "cannot listen on 127.0.0.53:53 (udp): Address already in use"
  std::string help;      // what to do about it, lines apart by '\n'; may be empty
};

class Watcher : public LoadWatcher {
 public:
  // Once, before the first answer leaves. Called on the store's thread, as the other calls are.
  virtual void ready(const Ready& ready) = 0;
};

// Serves until a signal ends it. A value: drained in peace.
dns::Result<void, StartFault> serve(const Options& options, Watcher& watcher);

}  // namespace server
