// What a TCP worker keeps for each client, and the buffers that all its clients share.
#pragma once

#include <array>
#include <vector>

#include "server/listen/tcp.h"

namespace server {

// A slot has room for any answer. The odd number of cache lines beyond 64 KiB puts the beginnings of the slots into
// different sets of the caches.
inline constexpr std::size_t kSlotStep = kMaxFrame - 1 + 5 * 64;

struct TcpWorker::Client {
  explicit Client(std::size_t at) : index(at) {}

  std::size_t index;             // its place, and its number among the sockets
  std::uint64_t generation = 0;  // 0: the entry is free
  Endpoint peer;
  Endpoint local;  // our address that it connected to
  ConnectionTimer timer{Time{}};
  std::vector<std::uint8_t> in;   // read, not yet answered
  std::vector<std::uint8_t> out;  // answered, not yet written
  std::size_t out_written = 0;
  std::size_t queued = 0;                            // unacknowledged octets when its time began
  bool answered_late = false;                        // after the stop: it may not have read these answers
  bool finished = false;                             // our side is closed; what it still sends is discarded
  bool busy = false;                                 // it is in the busy queue, and nothing is awaited from its socket
  std::size_t late = 0;                              // replies of other threads that it waits for
  std::deque<std::unique_ptr<ReplyStream>> streams;  // in the order of their requests; nothing is read meanwhile
};

struct TcpWorker::Scratch {
  std::array<std::uint8_t, kMaxFrame + kTcpRead> in;
  std::array<std::uint8_t, kTcpBatch * kSlotStep> out;
  std::array<dns::Bytes, kTcpBatch> messages;
  std::array<Responder::Slot, kTcpBatch> slots;
};

}  // namespace server
