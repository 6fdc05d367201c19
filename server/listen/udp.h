// UDP worker: one thread, one socket, batches of up to 32.
//
//     recvmmsg (blocks for the first, takes what else is there) -> respond(batch, snapshot) -> group -> sendmmsg ->
//     again
//
// So a batch grows with the load, and a single question is never held back. Answers for one client's port leave
// together (gso_batch.h); where the kernel refuses that on their way, each leaves alone, and for a while none is
// grouped. Where much comes that way, the questions are handed over together, too (UDP_GRO).
//
// The cheapest way through sockets: a reactor in front of the receive costs a quarter more. A thread serves one socket,
// so several addresses mean a thread for each worker and address: one that blocks costs nothing, and the plain case of
// one address pays nothing for the others. Who listens on very many addresses listens on the wildcard: the answer
// leaves from the address that was asked (IP_PKTINFO, IPV6_PKTINFO).
//
// All memory is taken at construction. The snapshot is pinned once a batch; between batches the thread is idle to the
// writer. `run` is the worker's thread alone; `stop` any thread.
#pragma once

#include <atomic>
#include <memory>

#include "server/listen/options.h"
#include "server/listen/socket.h"
#include "server/runtime/published.h"

namespace server {

inline constexpr std::size_t kUdpBatch = 32;     // more gain nothing
inline constexpr std::size_t kUdpSlotIn = 2048;  // octets of a request; of a longer one no more is looked at

using PublishedSnapshot = Published<dns::Snapshot>;

class UdpWorker {
 public:
  struct Wiring {
    FileDescriptor socket;
    Endpoint endpoint;
    const ResponderOptions& responder;
    Counters& counters;
    PublishedSnapshot& snapshots;
    std::size_t reader;  // our place among the snapshot's readers
    SendTogether send_together = SendTogether::kPort;
  };
  explicit UdpWorker(Wiring wiring);
  ~UdpWorker();

  // Serves until stopped; then answers what had arrived before, for a bounded time.
  void run();
  // Wakes `run` where it blocks. Not lost where it comes before.
  void stop();

 private:
  struct Batch;

  std::size_t receive(int flags);
  void answer(std::size_t messages);
  std::size_t split_questions(std::size_t messages, std::size_t& next);
  std::size_t collect_replies(std::size_t questions);
  std::size_t build_messages(std::size_t replies);
  void tune_gro(std::size_t replies, std::size_t messages);
  void send(std::size_t count);
  void send_individually(std::size_t message);
  void drain();

  FileDescriptor socket_;
  Responder responder_;
  Counters& counters_;
  PublishedSnapshot& snapshots_;
  std::size_t reader_;
  SendTogether send_together_;
  std::unique_ptr<Batch> batch_;
  int gro_score_ = 0, gro_enabled_ = 0;  // how crowded batches were of late; whether UDP_GRO is set
  std::size_t gso_disabled_ = 0;         // batches to come in which nothing is grouped
  std::atomic<bool> stopping_{false};
};

}  // namespace server
