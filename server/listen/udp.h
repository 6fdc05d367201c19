// UDP worker: one thread, one socket, batches of up to 32.
//
//     recvmmsg (waits for the first datagram, takes the others that are there) -> respond(batch, snapshot) -> group ->
//     sendmmsg -> again
//
// So the batch grows with the load, and a single question is never delayed. Answers to one client's port leave together
// (gso_batch.h). If the kernel refuses that on their path, each leaves separately, and nothing is grouped for a while.
// If many questions come from one port, the kernel delivers them together too (UDP_GRO).
//
// This is the cheapest way to use sockets: a reactor before the receive costs a quarter more. A thread serves one
// socket, so several addresses need one thread for each worker and address. A blocked thread costs nothing, and the
// usual case of one address has no overhead. For very many addresses, listen on the wildcard address: the answer leaves
// from the address that was asked (IP_PKTINFO, IPV6_PKTINFO).
//
// All memory is allocated at construction. The snapshot is held for one batch; between batches the worker counts as
// idle. `run` is the worker's thread; `stop` any thread.
#pragma once

#include <atomic>
#include <memory>

#include "server/listen/options.h"
#include "server/listen/reply_ports.h"
#include "server/listen/socket.h"
#include "server/listen/udp_socket.h"
#include "server/query/responder.h"
#include "server/runtime/published.h"

namespace server {

inline constexpr std::size_t kUdpBatch = 32;     // more gain nothing
inline constexpr std::size_t kUdpSlotIn = 2048;  // octets of a request; the rest of a longer one is ignored

using PublishedSnapshot = Published<dns::Snapshot>;

class UdpWorker {
 public:
  struct Dependencies {
    std::unique_ptr<UdpSocket> socket;
    Endpoint endpoint;
    const ResponderOptions& responder;
    const RequestTables& tables;
    Counters& counters;
    PublishedSnapshot& snapshots;
    std::size_t reader;  // our number among the readers of the snapshot
    GsoGrouping send_together = GsoGrouping::kPort;
  };
  explicit UdpWorker(Dependencies dependencies);
  ~UdpWorker();

  static constexpr std::chrono::milliseconds kLateDrainTime{1000};

  // Serves until `stop`, then answers what has arrived before, and waits for late replies, for a limited time.
  void run();
  // Wakes `run`. It may be called before `run`.
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
  UdpRoute find_client(const Inbound& inbound) const;

  std::unique_ptr<UdpSocket> socket_;
  UdpPort port_;
  Responder responder_;
  Counters& counters_;
  PublishedSnapshot& snapshots_;
  std::size_t reader_;
  GsoGrouping send_together_;
  std::unique_ptr<Batch> batch_;
  int gro_score_ = 0;             // rises while batches have many questions from one port
  int gro_enabled_ = 0;           // whether UDP_GRO is set
  std::size_t gso_disabled_ = 0;  // number of next batches in which nothing is grouped
  std::atomic<bool> stopping_{false};
};

}  // namespace server
