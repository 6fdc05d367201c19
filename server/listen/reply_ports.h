// The ways back to the clients of a worker, for replies of other threads (query/late_reply.h).
//
// UDP: the other thread sends the datagram itself, on the worker's socket: the worker is blocked in the kernel, and one
// send needs nothing of it. The reply leaves from the address that was asked.
//
// TCP: the connection belongs to the worker, so the reply goes through its loop:
//
//     route (worker) ... send or destroyed (any thread) --> box --> one handler in the worker's loop --> deliver
//
// Each route puts exactly one delivery into the box: its reply, or nothing. So the worker knows how many replies each
// of its clients waits for. Routes share the state of their port, and find it closed when the worker has ended.
// `route`, `take` and `close`: the worker's thread; routes: any thread.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "server/listen/udp_socket.h"
#include "server/observe/counters.h"
#include "server/query/late_reply.h"

namespace server {

inline constexpr std::size_t kMaxLateUdp = 4096;  // requests of one worker that wait for their replies

// A client and the source of its replies, in the kernel's form.
struct UdpRoute {
  sockaddr_in6 client{};  // large enough for either family
  socklen_t client_size = 0;
  struct alignas(cmsghdr) Source {
    std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> octets{};
  } source;
  std::size_t source_size = 0;  // 0: the kernel chooses
};

class UdpPort final : public ReplyPort {
 public:
  // `find` tells where a request of the worker's batch came from.
  UdpPort(UdpSocket& socket, Counters& counters, std::function<UdpRoute(const Inbound&)> find);
  ~UdpPort() override;

  std::unique_ptr<ReplyRoute> route(const Inbound& inbound) override;

  // Waits until all routes are gone, at most `timeout`. Those that are left send nothing.
  void close(std::chrono::milliseconds timeout);

 private:
  class Route;
  struct State;

  std::shared_ptr<State> state_;  // shared with the routes
  std::function<UdpRoute(const Inbound&)> find_;
};

inline constexpr std::size_t kMaxLateTcp = 1024;     // requests of one worker that wait for their replies
inline constexpr std::size_t kMaxLateOfClient = 16;  // the same of one connection

// A place among the worker's clients, and the number of the connection that had it.
struct TcpPlace {
  std::size_t index = 0;
  std::uint64_t generation = 0;
};

struct TcpDelivery {
  TcpPlace to;
  std::vector<std::uint8_t> message;  // empty: there is no reply
};

class TcpPort {
 public:
  // `wake` makes the worker call take() soon. Any thread calls it, under the port's lock.
  explicit TcpPort(std::function<void()> wake);
  ~TcpPort();

  std::unique_ptr<ReplyRoute> route(TcpPlace from);
  // The worker.
  std::vector<TcpDelivery> take();
  void close();

 private:
  class Route;
  struct Box;
  std::shared_ptr<Box> box_;  // shared with the routes
};

}  // namespace server
