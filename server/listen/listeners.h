// All listeners of a server: sockets are bound first, threads start when there is a snapshot to answer from.
//
//     bind (may need privileges) ... start (needs a snapshot) ... stop: each answers what has arrived, and ends
//
// `bind` and the destructor: the thread of the composition root. `start` and `stop`: any thread, in any order; a start
// after a stop does nothing. Worker number w of every address runs on CPU number w of this process.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "server/listen/tcp.h"
#include "server/runtime/thread.h"

namespace server {

class Listeners {
 public:
  Listeners(const ListenOptions& options, const ResponderOptions& responder, Log log);
  ~Listeners();

  dns::Result<void, SocketError> bind();
  std::vector<ListenAddress> addresses() const;
  std::size_t workers() const { return workers_; }
  // The number of snapshot readers that `start` needs.
  std::size_t readers() const { return bound_.size() * workers_ + options_.tcp.workers; }

  // The error: a thread cannot be started, with the system's reason. `stop` ends those that were started.
  dns::Result<void, std::string> start(PublishedSnapshot& snapshots);
  // Returns when all threads have ended, after about kDrainTime at most.
  void stop();

  // One for each thread: UDP by address and worker, then TCP.
  const std::deque<Counters>& counters() const { return counters_; }

 private:
  void run_tcp(TcpWorker& worker) const;
  bool is_optional(const SocketError& error) const;
  void limit_connections_to_descriptors();
  dns::Result<void, std::string> start_udp(PublishedSnapshot& snapshots);
  dns::Result<void, std::string> start_tcp(PublishedSnapshot& snapshots);
  dns::Result<void, std::string> add_thread(const ThreadOptions& options, std::function<void()> body);

  ListenOptions options_;
  const ResponderOptions& responder_;
  Log log_;
  std::size_t workers_;
  std::vector<BoundAddress> bound_;
  std::vector<ListenAddress> addresses_;

  std::mutex mutex_;  // guards what follows
  bool stopped_ = false;
  std::deque<Counters> counters_;
  std::deque<UdpWorker> udp_;
  std::deque<TcpWorker> tcp_;
  std::vector<std::jthread> threads_;
};

}  // namespace server
