// The courier of datagrams: one thread, one socket, batches of up to 32.
//
//     recvmmsg (blocks for the first, takes what else is there) -> respond(batch, snapshot) -> sendmmsg -> again
//
// The cheapest way through sockets: a reactor in front of the receive costs a quarter more. A thread serves one socket, so
// several addresses mean a thread for each worker and address: one that blocks costs nothing, and the plain case of one
// address pays nothing for the others. Who listens on very many addresses listens on the wildcard: the answer leaves from
// the address that was asked (IP_PKTINFO, IPV6_PKTINFO).
//
// All memory is taken at construction. The snapshot is pinned once a batch; between batches the thread is idle to the
// writer. `run` is the worker's thread alone; `stop` any thread.
#pragma once

#include <atomic>
#include <memory>

#include "server/listen/socket.h"
#include "server/runtime/published.h"

namespace server {

inline constexpr std::size_t kUdpBatch = 32;       // more gain nothing
inline constexpr std::size_t kUdpSlotIn = 2048;    // octets; a longer request is cut there and fails to parse

using PublishedSnapshot = Published<dns::Snapshot>;

class UdpCourier {
 public:
  struct Wiring {
    FileDescriptor socket;
    Endpoint endpoint;
    const ResponderOptions& responder;
    Counters& counters;
    PublishedSnapshot& snapshots;
    std::size_t reader;                            // our place among the snapshot's readers
  };
  explicit UdpCourier(Wiring wiring);
  ~UdpCourier();

  // Serves until stopped; then answers what had arrived before, for a bounded time.
  void run();
  // Wakes `run` where it blocks. Not lost where it comes before.
  void stop();

 private:
  struct Batch;

  std::size_t receive(int flags);
  void answer(std::size_t count);
  void send(std::size_t count);
  void drain();

  FileDescriptor socket_;
  Responder responder_;
  Counters& counters_;
  PublishedSnapshot& snapshots_;
  std::size_t reader_;
  std::unique_ptr<Batch> batch_;
  std::atomic<bool> stopping_{false};
};

}  // namespace server
