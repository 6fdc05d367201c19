// What a TCP worker keeps for each client, and the buffers that all its clients share.
#pragma once

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <array>

#include "server/listen/tcp.h"

namespace server {

// A slot has room for any answer. The odd number of cache lines beyond 64 KiB puts the beginnings of the slots into
// different sets of the caches.
inline constexpr std::size_t kSlotStep = kMaxFrame - 1 + 5 * 64;

struct TcpWorker::Client {
  Client(boost::asio::io_context& context, std::size_t at) : socket(context), index(at) {}

  boost::asio::ip::tcp::socket socket;
  std::size_t index;
  std::uint64_t generation = 0;  // 0: the entry is free
  Endpoint peer;
  Endpoint local;  // our address that it connected to
  ConnectionTimer timer{Time{}};
  std::vector<std::uint8_t> in;   // read, not yet answered
  std::vector<std::uint8_t> out;  // answered, not yet written
  std::size_t out_written = 0;
  std::size_t queued = 0;      // unacknowledged octets when its time began
  bool answered_late = false;  // after the stop: it may not have read these answers
  bool finished = false;       // our side is closed; what it still sends is discarded
};

struct TcpWorker::Scratch {
  std::array<std::uint8_t, kMaxFrame + kTcpRead> in;
  std::array<std::uint8_t, kTcpBatch * kSlotStep> out;
  std::array<dns::Bytes, kTcpBatch> messages;
  std::array<Responder::Slot, kTcpBatch> slots;
};

// Octets that were written to a connection and that its client has not acknowledged.
inline std::size_t unacknowledged(int socket) {
  int octets = 0;
  return ::ioctl(socket, SIOCOUTQ, &octets) == 0 ? static_cast<std::size_t>(octets) : 0;
}

}  // namespace server
