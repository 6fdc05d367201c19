// Failover and the control socket, put together: what the server has beside answering.
//
//     FailoverThread (its own thread) --overlay--> Keeper        ControlSocket, CommandHandler (on that thread) <-- waymark status, failover, drain ...
//
// There is none where the configuration neither steers anything nor names a control socket. `open` comes before privileges are
// dropped, `start` after; `end` before the Keeper ends.
#pragma once

#include "server/control/control_socket.h"
#include "server/keeper.h"

namespace server {

class Operations {
 public:
  Operations(const Options& options, const Couriers& couriers, Log log);
  ~Operations() { end(); }

  static bool wanted(const Options& options);

  void open() { failover_thread_.open(); }
  void start(Keeper& keeper);
  void end();
  void reload(SteeringOptions options) { failover_thread_.reload(std::move(options)); }
  // Any thread.
  void suspended(const std::vector<SuspendedSet>& sets);

 private:
  void report(std::function<void(const ServerReport&)> done);

  const Options& options_;
  const Couriers& couriers_;
  Log log_;
  Keeper* keeper_ = nullptr;   // set by `start`
  FailoverThread failover_thread_;
  std::optional<CommandHandler> command_handler_;
  std::optional<ControlSocket> control_socket_;
};

}  // namespace server
