// What a TCP worker asks the kernel for: its sockets, its timers and its clock. A test answers these calls itself, in
// virtual time (tests/server/listen_tcp_worker_test.cpp).
//
// A client has a number, its place. `accept` keeps one newcomer until `take` gives it a place or `refuse` closes it.
// One wait of a client or listener is pending at a time; its event comes once. All functions: the worker's thread;
// `ask_to_stop`, `ask_to_wake`: any thread; `on_stop` and `on_wake` follow soon.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "server/listen/connection_timer.h"
#include "server/runtime/descriptor.h"
#include "zone/base/bytes.h"

namespace server {

class TcpSockets {
 public:
  using Time = ConnectionTimer::Time;
  enum class Wanted : std::uint8_t { kRead, kWrite };
  enum class CloseMode : std::uint8_t {
    kOrderly,
    kReset,  // the kernel discards unread answers at once
  };
  enum class Timer : std::uint8_t {
    kTick,         // deadlines of clients
    kAcceptRetry,  // a newcomer could not be accepted
    kDrainEnd,
  };
  static constexpr std::size_t kTimers = 3;

  // The worker, as far as the sockets know it.
  class Events {
   public:
    virtual void on_newcomers(std::size_t listener) = 0;
    // `generation` is that of the wait: the place may belong to another client now.
    virtual void on_ready(std::size_t client, std::uint64_t generation) = 0;
    virtual void on_timer(Timer timer) = 0;
    virtual void on_wake() = 0;
    virtual void on_stop() = 0;

   protected:
    ~Events() = default;
  };

  struct Newcomer {
    int error = 0;  // errno; EAGAIN: nobody waits
    Endpoint peer{};
    Endpoint local{};  // our address that it connected to

    // Descriptors or memory are used up. Other errors are those of one connection, and the next one may be fine.
    bool is_shortage() const { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }
  };

  virtual ~TcpSockets() = default;
  // Before all others: where events go, and the number of places.
  virtual void attach(Events& events, std::size_t places) = 0;

  virtual std::size_t listeners() const = 0;
  virtual void wait_for_newcomers(std::size_t listener) = 0;  // cancels an earlier wait
  virtual Newcomer accept(std::size_t listener) = 0;
  virtual void close_listener(std::size_t listener) = 0;
  virtual void take(std::size_t client) = 0;
  virtual void refuse() = 0;

  // recv(2) and send(2), which never wait: -1 with the reason in errno.
  virtual ssize_t receive(std::size_t client, dns::MutableBytes room) = 0;
  virtual ssize_t send(std::size_t client, dns::Bytes octets) = 0;
  // Octets that were sent and that the client has not acknowledged.
  virtual std::size_t unacknowledged(std::size_t client) = 0;
  virtual void wait(std::size_t client, std::uint64_t generation, Wanted wanted) = 0;
  virtual void cancel_wait(std::size_t client) = 0;
  virtual void finish_sending(std::size_t client) = 0;
  virtual void close(std::size_t client, CloseMode mode) = 0;

  virtual Time now() const = 0;
  virtual void start(Timer timer, std::chrono::milliseconds after) = 0;
  // Delivers one event and waits for it; the same without waiting, false if there is none.
  virtual void run_one() = 0;
  virtual bool poll_one() = 0;
  // Ends the loop: `run_one` waits no more.
  virtual void end() = 0;
  virtual bool ended() const = 0;
  virtual void ask_to_stop() = 0;
  virtual void ask_to_wake() = 0;
};

// `sockets` listen.
std::unique_ptr<TcpSockets> tcp_sockets(std::vector<FileDescriptor> sockets);

}  // namespace server
