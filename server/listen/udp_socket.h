// What a UDP worker asks the kernel for. A test answers these calls itself (tests/server/listen_udp_worker_test.cpp).
//
// A call for each batch, none for each message, so that the virtual calls cost nothing that can be measured. `receive`,
// `set_gro` and `pause`: the worker's thread. `send` and `shut_down`: any thread.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <span>

#include "server/runtime/descriptor.h"

namespace server {

class UdpSocket {
 public:
  virtual ~UdpSocket() = default;

  // recvmmsg(2): the number of messages, or -1 with the reason in errno.
  virtual int receive(std::span<mmsghdr> messages, int flags) = 0;
  // sendmmsg(2) that never waits: the number of messages that were sent, or -1 with the reason of the first in errno.
  virtual int send(std::span<mmsghdr> messages) = 0;
  // Whether the kernel may deliver datagrams of one port together (UDP_GRO); 1 or 0. A kernel without it does not.
  virtual void set_gro(int enabled) = 0;
  // Ends a `receive` that waits, now and later.
  virtual void shut_down() = 0;
  virtual void pause(std::chrono::milliseconds time) = 0;
};

// `socket` is bound.
std::unique_ptr<UdpSocket> udp_socket(FileDescriptor socket);

}  // namespace server
