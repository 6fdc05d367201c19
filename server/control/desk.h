// The desk: what each command of the control socket does. One row a command, one function a row.
//
// A reply is one JSON object: {"ok":true, ...} or {"ok":false,"error":"not-permitted","message":"..."}. It may come later than
// the call: an order is acknowledged once it is on the disk. Orders are in force before.
// Failover thread only.
#pragma once

#include "server/control/peer.h"
#include "server/control/report.h"
#include "server/control/request.h"

namespace server {

// Of the server around the failover engine, as of now.
struct ServerReport {
  struct Zone {
    std::string apex;
    std::uint32_t serial = 0;
    std::uint64_t records = 0;
  };
  std::vector<Zone> zones;
  std::vector<std::pair<std::string, std::uint64_t>> counters;   // names as metrics have them
  std::vector<std::string> addresses;
};

class Desk {
 public:
  struct Wiring {
    Engine& engine;
    std::function<void(std::function<void(const ServerReport&)> done)> server;   // `done` comes back on the failover thread
    Identity identity;                      // ours
  };
  using Reply = std::function<void(const JsonValue& reply)>;

  explicit Desk(Wiring wiring) : wiring_(std::move(wiring)), started_(Engine::moment()) {}

  // `reply` is called once, possibly after this returned.
  void handle(const Request& request, const Peer& peer, Reply reply);
  Engine& engine() { return wiring_.engine; }

 private:
  void status(const Request& request, const Peer& peer, Reply reply);
  void explain(const Request& request, const Peer& peer, Reply reply);
  void events(const Request& request, const Peer& peer, Reply reply);
  void simulate(const Request& request, const Peer& peer, Reply reply);
  void failover(const Request& request, const Peer& peer, Reply reply);
  void drain(const Request& request, const Peer& peer, Reply reply);
  void freeze(const Request& request, const Peer& peer, Reply reply);

  void place(std::vector<Order> orders, Reply reply);
  void take_back(OrderFamily of, const std::vector<std::string>& subjects, const Peer& peer, Reply reply);
  JsonValue whole_status(const ServerReport& server) const;
  JsonValue for_client(const Request& request, std::size_t answer) const;

  const Wiring wiring_;
  const Moment started_;
};

JsonValue failure(std::string_view error, std::string_view message);

}  // namespace server
