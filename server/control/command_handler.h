// Handles the commands of the control socket: one function per command.
//
// A reply is one JSON object: {"ok":true, ...} or {"ok":false,"error":"not-permitted","message":"..."}. It may be sent
// after handle() returned: an override takes effect at once and is acknowledged after it is on the disk; the status of
// all zones and names, and simulations, are rendered on the reply thread. All who ask for the status of all names at
// the same time get the same reply, and few other renderings wait at a time, so clients cannot fill the memory.
// Failover thread only, except `end`.
#pragma once

#include <memory>
#include <utility>

#include "server/control/peer.h"
#include "server/control/reload_report.h"
#include "server/control/reply.h"
#include "server/control/reply_thread.h"
#include "server/control/request.h"
#include "server/control/status_json.h"
#include "server/observe/durations.h"
#include "server/store/report.h"
#include "zone/snapshot/snapshot.h"

namespace server {

// The state of the server outside the failover thread.
struct ServerReport {
  std::shared_ptr<const dns::Snapshot> zones;                   // shared: with the readers
  std::vector<std::pair<std::string, std::uint64_t>> counters;  // named as in the metrics
  std::vector<std::string> addresses;
  Durations publication_times;      // of failover decisions
  std::vector<std::string> absent;  // those of `addresses` that this machine does not have; the server waits for them
};

class CommandHandler {
 public:
  struct Dependencies {
    FailoverThread& failover_thread;
    std::function<void(std::function<void(ServerReport)> done)> server;         // calls `done` once, on any thread
    std::function<void(std::function<void(const ReloadReport&)> done)> reload;  // calls `done` on the failover thread
    // Calls `done` once, on any thread; with nothing if no such zone is served.
    std::function<void(const dns::Name& apex, std::function<void(std::optional<ZoneHistory>)> done)> history;
    Identity identity;  // of this process
  };

  explicit CommandHandler(Dependencies dependencies)
      : dependencies_(std::move(dependencies)),
        started_(FailoverThread::moment()),
        status_(dependencies_.failover_thread.context(), [this](Reply reply) { begin_status(std::move(reply)); }) {}

  // `reply` is called once, possibly after this function returned.
  void handle(const Request& request, const Peer& peer, Reply reply);
  FailoverThread& failover_thread() { return dependencies_.failover_thread; }
  dns::Result<void, std::string> start() { return reply_thread_.start(); }
  void end() { reply_thread_.end(); }  // nothing is rendered any more; after the failover thread has ended

 private:
  void status(const Request& request, const Peer& peer, Reply reply);
  void explain(const Request& request, const Peer& peer, Reply reply);
  void events(const Request& request, const Peer& peer, Reply reply);
  void simulate(const Request& request, const Peer& peer, Reply reply);
  void changes(const Request& request, Reply reply);
  void failover(const Request& request, const Peer& peer, Reply reply);
  void drain(const Request& request, const Peer& peer, Reply reply);
  void freeze(const Request& request, const Peer& peer, Reply reply);
  void reload(Reply reply);

  void add_overrides(std::vector<AdminOverride> overrides, Reply reply);
  void remove_overrides(const Request& request, OverrideGroup of, const Peer& peer, Reply reply);
  enum class Slice : std::uint8_t { kMore, kLast, kFailed };
  static Slice add_slice_or_fail(SteeringJson& steering, Moment at, const Reply& reply);
  void begin_status(Reply reply);
  void continue_status(std::shared_ptr<SteeringJson> steering, Reply reply);
  // On the reply thread.
  void render(std::function<JsonValue()> make, Reply reply);
  JsonValue server_json(const ServerReport& server, Moment at) const;
  JsonValue client_json(const Request& request, std::size_t record) const;

  const Dependencies dependencies_;
  const Moment started_;
  SharedReplies status_;      // of all zones and names
  ReplyThread reply_thread_;  // last: its jobs use what is above
};

JsonValue error_reply(std::string_view error, std::string_view message);

}  // namespace server
