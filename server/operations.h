// Failover and the control socket, put together: what the server has beside answering.
//
//     Engine (its own thread) --overlay--> Keeper        Door, Desk (on that thread) <-- waymark status, failover, drain ...
//
// There is none where the configuration neither steers anything nor names a control socket. `open` comes before privileges are
// dropped, `start` after; `end` before the Keeper ends.
#pragma once

#include "server/control/door.h"
#include "server/keeper.h"

namespace server {

class Operations {
 public:
  Operations(const Options& options, const Couriers& couriers, Log log);
  ~Operations() { end(); }

  static bool wanted(const Options& options);

  void open() { engine_.open(); }
  void start(Keeper& keeper);
  void end();
  void reload(SteeringOptions options) { engine_.reload(std::move(options)); }
  // Any thread.
  void suspended(const std::vector<SuspendedSet>& sets);

 private:
  void report(std::function<void(const ServerReport&)> done);

  const Options& options_;
  const Couriers& couriers_;
  Log log_;
  Keeper* keeper_ = nullptr;   // set by `start`
  Engine engine_;
  std::optional<Desk> desk_;
  std::optional<Door> door_;
};

}  // namespace server
