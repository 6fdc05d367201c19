// Handles the commands of the control socket: one function per command.
//
// A reply is one JSON object: {"ok":true, ...} or {"ok":false,"error":"not-permitted","message":"..."}. It may be sent
// after handle() returned: an override takes effect at once and is acknowledged after it is on the disk. Failover
// thread only.
#pragma once

#include "server/control/peer.h"
#include "server/control/reload_report.h"
#include "server/control/request.h"
#include "server/control/status_json.h"

namespace server {

// The state of the server outside the failover thread.
struct ServerReport {
  struct Zone {
    std::string apex;
    std::uint32_t serial = 0;
    std::uint64_t records = 0;
  };
  std::vector<Zone> zones;
  std::vector<std::pair<std::string, std::uint64_t>> counters;  // named as in the metrics
  std::vector<std::string> addresses;
  std::vector<std::string> absent;  // those of `addresses` that this machine does not have; the server waits for them
};

class CommandHandler {
 public:
  struct Dependencies {
    FailoverThread& failover_thread;
    // Both call `done` on the failover thread.
    std::function<void(std::function<void(const ServerReport&)> done)> server;
    std::function<void(std::function<void(const ReloadReport&)> done)> reload;
    Identity identity;  // of this process
  };
  using Reply = std::function<void(const JsonValue& reply)>;

  explicit CommandHandler(Dependencies dependencies)
      : dependencies_(std::move(dependencies)), started_(FailoverThread::moment()) {}

  // `reply` is called once, possibly after this function returned.
  void handle(const Request& request, const Peer& peer, Reply reply);
  FailoverThread& failover_thread() { return dependencies_.failover_thread; }

 private:
  void status(const Request& request, const Peer& peer, Reply reply);
  void explain(const Request& request, const Peer& peer, Reply reply);
  void events(const Request& request, const Peer& peer, Reply reply);
  void simulate(const Request& request, const Peer& peer, Reply reply);
  void failover(const Request& request, const Peer& peer, Reply reply);
  void drain(const Request& request, const Peer& peer, Reply reply);
  void freeze(const Request& request, const Peer& peer, Reply reply);
  void reload(Reply reply);

  void add_overrides(std::vector<AdminOverride> overrides, Reply reply);
  void remove_overrides(const Request& request, OverrideGroup of, const Peer& peer, Reply reply);
  JsonValue full_status(const ServerReport& server) const;
  JsonValue client_json(const Request& request, std::size_t record) const;

  const Dependencies dependencies_;
  const Moment started_;
};

JsonValue error_reply(std::string_view error, std::string_view message);

}  // namespace server
