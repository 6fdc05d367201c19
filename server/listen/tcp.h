// TCP worker: one thread with its own reactor, separate from the UDP workers, serves all TCP clients of its sockets.
//
//     readable -> recv into the thread's buffer -> split off complete messages -> respond(batch) -> one send -> wait
//
// The messages of one read are answered as one batch and leave with one write. Answers are in the order of the
// questions only because all are ready at the same time (RFC 7766 6.2.1.1 allows another order).
//
// Fairness. A turn is one read. A client that filled its read has more to send and joins the busy queue. After all
// other clients, a few clients of that queue are served. So a flood of pipelined questions delays a single question by
// about a millisecond.
//
// A reply of many messages (ReplyStream) is sent message by message, one in a turn, each when the kernel has taken the
// one before. Meanwhile nothing more is read from this client. A request that another thread answers (late_reply.h)
// does not stop its client: the reply leaves as soon as it is there, before or after the answers to later questions.
//
// Memory. Buffers belong to the thread. A client has only what is left over: an incomplete message (at most 64 KiB and
// one read), and answers that the kernel did not take (at most kMaxPendingOutput and one message). While it has such
// answers, nothing more is read from this client; questions whose answers had no space are kept and answered again
// later. The number of clients is limited, in total and for each address. If there is no place or no file descriptor,
// the client with the lowest rank is closed (connection_timer.h).
//
// `run` is the worker's thread; `stop` any thread.
#pragma once

#include <deque>
#include <memory>

#include "server/listen/connection_timer.h"
#include "server/listen/framing.h"
#include "server/listen/reply_ports.h"
#include "server/listen/tcp_sockets.h"
#include "server/listen/udp.h"
#include "server/observe/log.h"

namespace server {

inline constexpr std::size_t kTcpBatch = 32;
inline constexpr std::size_t kTcpRead = 4096;  // octets of one turn, about a hundred questions
inline constexpr std::size_t kMaxPendingOutput = std::size_t{64}
                                                 << 10;  // octets of answers that wait for a client to read

class TcpWorker final : TcpSockets::Events, ReplyPort {
 public:
  struct Dependencies {
    std::unique_ptr<TcpSockets> sockets;
    const TcpOptions& options;
    const ResponderOptions& responder;
    const RequestTables& tables;
    Counters& counters;
    PublishedSnapshot& snapshots;
    std::size_t reader;
    Log log;
  };
  explicit TcpWorker(Dependencies dependencies);
  ~TcpWorker() override;

  // Serves until `stop`. Then answers what has arrived and lets the clients read it, for at most kDrainTime. After an
  // exception (no memory is left) it can be called again: the client that was served is closed, and the others go on.
  void run();
  void stop();

  static constexpr std::chrono::milliseconds kDrainTime{1000};

 private:
  struct Client;
  struct Scratch;
  enum class Step : std::uint8_t {
    kWait,  // until the socket is ready
    kMore,  // there is more to read now
    kClose,
  };
  struct BusyClient {
    std::size_t index;
    std::uint64_t generation;
  };
  using CloseMode = TcpSockets::CloseMode;
  using Time = TcpSockets::Time;

  void on_newcomers(std::size_t listener) override;
  void on_ready(std::size_t index, std::uint64_t generation) override;
  void on_timer(TcpSockets::Timer timer) override;
  void on_wake() override;
  void on_stop() override;

  void go_on();
  void add_client(const TcpSockets::Newcomer& newcomer);
  bool evict_if_full(const Endpoint& newcomer);
  bool evict_for_descriptor();
  Client* eviction_candidate(const Endpoint* of_address);
  void retry_accept_later(std::size_t listener);

  void wait(Client& client);
  void serve_client(Client& client, std::size_t octets_max);
  void take_turn(Client& client, std::size_t octets_max);
  void serve_busy_queue();
  Step read(Client& client, std::size_t octets_max);
  Step answer_all(Client& client, std::size_t have);
  std::size_t answer_batch(Client& client, std::span<const dns::Bytes> messages);
  Step write(Client& client);
  Step send_next_message(Client& client);
  Step resume(Client& client);
  std::unique_ptr<ReplyRoute> route(const Inbound& inbound) override;
  void deliver(Client& client, dns::Bytes message);
  void close(Client& client, CloseMode mode);

  void arm_tick();
  void tick();
  bool is_making_progress(Client& client);
  void drain();
  void accept_last(std::size_t listener);
  void finish(Client& client);
  void discard_input(Client& client);

  bool has_clients() const { return free_indexes_.size() != clients_.size(); }

  std::unique_ptr<TcpSockets> sockets_;
  TcpOptions options_;
  TcpOptions late_options_;  // of clients that wait for late replies: they are not idle
  Responder responder_;
  Counters& counters_;
  PublishedSnapshot& snapshots_;
  std::size_t reader_;
  Log log_;
  std::unique_ptr<Scratch> scratch_;
  std::vector<std::unique_ptr<Client>> clients_;  // all places, used or free
  std::vector<std::size_t> free_indexes_;
  std::vector<std::size_t> paused_listeners_;  // they accept again after kAcceptRetry
  std::deque<BusyClient> busy_queue_;
  TcpPort port_;
  Client* answering_ = nullptr;  // the client whose batch is answered
  std::size_t late_ = 0;         // replies of other threads that are not delivered yet, for any client
  std::uint64_t generation_ = 0;
  Time tick_due_;
  bool ticking_ = false, draining_ = false, listening_ = true;
  bool tick_skipped_ = false;
  Throttle full_throttle_, out_of_files_throttle_;
};

}  // namespace server
