// A listener is the sockets and threads of one transport; UDP and TCP are two of them (standard_listeners.h). Listeners
// has all of a server: sockets are bound first, threads start when there is a snapshot to answer from.
//
//     bind (may need privileges) ... start (needs a snapshot) ... stop: each answers what has arrived, and ends
//
// Listeners calls the functions of a Listener in this order, and owns the threads and counters. `bind` and its
// destructor: the thread of the composition root. `start` and `stop`: any thread, in any order; a start after a stop
// does nothing.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "server/listen/socket.h"
#include "server/listen/udp.h"
#include "server/observe/log.h"
#include "server/runtime/thread.h"

namespace server {

// What a listener starts its workers with.
struct ListenerContext {
  const ResponderOptions& responder;
  const RequestTables& tables;
  PublishedSnapshot& snapshots;
  std::size_t first_reader;  // its workers are the readers from this number on
  std::function<Counters&()> add_counters;
  // Starts a thread that Listeners waits for after `stop`. The error is the system's reason.
  std::function<dns::Result<void, std::string>(const ThreadOptions& options, std::function<void()> body)> add_thread;
};

class Listener {
 public:
  virtual ~Listener() = default;

  // Whether an address can be bound, alone; the result is the port. For port 0 the kernel chooses one.
  virtual dns::Result<std::uint16_t, SocketError> probe(const ListenAddress& endpoint) = 0;
  virtual dns::Result<void, SocketError> bind(const ListenAddress& endpoint) = 0;
  // The number of sockets that are bound; one descriptor each.
  virtual std::size_t sockets() const = 0;
  // After the last `bind`: the descriptors that are left for clients.
  virtual void limit_descriptors(std::size_t left) { static_cast<void>(left); }
  // The number of snapshot readers that `start` needs.
  virtual std::size_t readers() const = 0;
  virtual dns::Result<void, std::string> start(const ListenerContext& context) = 0;
  // Makes the threads end: they answer what has arrived, for a limited time. It does not wait for them.
  virtual void stop() = 0;
};

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
