// All listeners of a server: sockets are bound first, threads start when there is a snapshot to answer from.
//
//     bind (may need privileges) ... start (needs a snapshot) ... stop: each answers what has arrived, and ends
//
// `bind` and the destructor: the thread of the composition root. `start` and `stop`: any thread, in any order; a start
// after a stop does nothing.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "server/listen/listener.h"
#include "server/observe/log.h"

namespace server {

class Listeners {
 public:
  // `listeners`: one for each transport. All of them bind all addresses.
  Listeners(const ListenOptions& options, const ResponderOptions& responder, const RequestTables& tables, Log log,
            std::vector<std::unique_ptr<Listener>> listeners);
  ~Listeners();

  dns::Result<void, SocketError> bind();
  std::vector<ListenAddress> addresses() const;
  // The number of snapshot readers that `start` needs.
  std::size_t readers() const;

  // The error: a thread cannot be started, with the system's reason. `stop` ends those that were started.
  dns::Result<void, std::string> start(PublishedSnapshot& snapshots);
  // Returns when all threads have ended, after about kDrainTime at most.
  void stop();

  // One for each thread, in the order of the listeners.
  const std::deque<Counters>& counters() const { return counters_; }

 private:
  dns::Result<std::uint16_t, SocketError> find_port(const ListenAddress& endpoint);
  dns::Result<void, SocketError> bind_address(ListenAddress endpoint);
  bool is_optional(const SocketError& error) const;
  void limit_descriptors();

  std::vector<ListenAddress> wanted_;
  const ResponderOptions& responder_;
  const RequestTables& tables_;
  Log log_;
  std::vector<ListenAddress> addresses_;  // as bound

  std::mutex mutex_;  // guards what follows
  bool stopped_ = false;
  std::deque<Counters> counters_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::jthread> threads_;  // last: end before what they use
};

}  // namespace server
