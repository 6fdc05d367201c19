// Failover and the control socket: the parts of the server besides answering.
//
//     FailoverThread (its own thread) --overlay--> StoreThread
//     ControlSocket (its own thread) --> CommandHandler (on the failover thread) <-- waymark status, failover, drain
//     ...
//
// Call `open` before privileges are dropped, `start` after; call `stop` before the StoreThread ends.
#pragma once

#include "server/control/control_socket.h"
#include "server/listen/address_watch.h"
#include "server/store_thread.h"

namespace server {

class FailoverService {
 public:
  FailoverService(const Options& options, const Listeners& listeners, Log log);
  ~FailoverService() { (void)stop(); }

  void open();
  // `reload` starts a reload, from any thread.
  dns::Result<void, std::string> start(StoreThread& store_thread, std::function<void(ReloadRequestPtr)> reload);
  // As FailoverThread::end.
  bool stop();
  void reload(SteeringOptions options) { failover_thread_.reload(std::move(options)); }
  // Each raises and clears alarms. Any thread.
  void suspended(const std::vector<SuspendedRrset>& sets);
  void zone_faults(std::vector<ZoneFault> faults);
  void journal_faults(const std::vector<std::string>& faults);

 private:
  dns::Result<void, std::string> open_control_socket();
  void watch_addresses();
  void report(std::function<void(ServerReport)> done);
  void reload_and_report(std::function<void(const ReloadReport&)> done);

  const Options& options_;
  const Listeners& listeners_;
  Log log_;
  StoreThread* store_thread_ = nullptr;  // set by `start`
  std::function<void(ReloadRequestPtr)> reload_;
  FailoverThread failover_thread_;
  std::optional<AddressWatch> address_watch_;  // if the server waits for absent addresses
  boost::asio::steady_timer watch_timer_;
  std::optional<CommandHandler> command_handler_;
  std::optional<ControlSocket> control_socket_;
};

}  // namespace server
