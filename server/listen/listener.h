// A listener: the sockets and threads of one transport. UDP and TCP are two of them (standard_listeners.h).
//
//     probe, bind (each for every address) ... start (needs a snapshot) ... stop: answers what has arrived, and ends
//
// Listeners calls these functions in this order, and owns the threads and counters.
#pragma once

#include <functional>

#include "server/listen/socket.h"
#include "server/listen/udp.h"
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

}  // namespace server
