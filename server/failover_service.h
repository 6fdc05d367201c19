// Failover and the control socket: the parts of the server besides answering.
//
//     FailoverThread (its own thread) --overlay--> StoreThread
//     ControlSocket, CommandHandler (on that thread) <-- waymark status, failover, drain ...
//
// It exists only if the configuration has managed records or a control socket. Call `open` before privileges are
// dropped, `start` after; call `stop` before the StoreThread ends.
#pragma once

#include "server/control/control_socket.h"
#include "server/store_thread.h"

namespace server {

class FailoverService {
 public:
  FailoverService(const Options& options, const Listeners& listeners, Log log);
  ~FailoverService() { (void)stop(); }

  static bool needed(const Options& options);

  void open() { failover_thread_.open(); }
  dns::Result<void, std::string> start(StoreThread& store_thread);
  // As FailoverThread::end.
  bool stop();
  void reload(SteeringOptions options) { failover_thread_.reload(std::move(options)); }
  // Each raises and clears alarms. Any thread.
  void suspended(const std::vector<SuspendedRrset>& sets);
  void zone_faults(std::vector<ZoneFault> faults);
  void journal_faults(const std::vector<std::string>& faults);

 private:
  void report(std::function<void(const ServerReport&)> done);

  const Options& options_;
  const Listeners& listeners_;
  Log log_;
  StoreThread* store_thread_ = nullptr;  // set by `start`
  FailoverThread failover_thread_;
  std::optional<CommandHandler> command_handler_;
  std::optional<ControlSocket> control_socket_;
};

}  // namespace server
