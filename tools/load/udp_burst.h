// The queries that one port sends at a time. Each query is one datagram. With SendMode::kTogether, queries of equal
// size are one message, which the kernel cuts into datagrams (UDP_SEGMENT).
//
//     sizes        40 38 40 40 38
//     kEach        [40] [38] [40] [40] [38]
//     kTogether    [38 38] [40 40 40]
//
// One thread; no allocation.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <span>

#include "tools/load/generator.h"

namespace tools {

class UdpBurst {
 public:
  void clear() { count_ = 0; }
  std::size_t size() const { return count_; }
  // `id` replaces the ID of `request`, which must stay valid until `send` returns. At most kMaxBurst calls after
  // `clear`.
  void add(std::uint16_t id, dns::Bytes request);

  // `socket` must be connected. Returns the IDs of the queries that the kernel did not accept.
  std::span<const std::uint16_t> send(int socket, SendMode how);

 private:
  struct Segment {
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> octets;
  };

  std::size_t build_messages(SendMode how);

  std::size_t count_ = 0;
  std::array<std::uint16_t, kMaxBurst> ids_, refused_;
  std::array<dns::Bytes, kMaxBurst> requests_;
  std::array<std::uint8_t, kMaxBurst> order_;  // of transmission
  std::array<std::array<std::uint8_t, 2>, kMaxBurst> id_octets_;
  std::array<std::array<iovec, 2>, kMaxBurst> parts_;  // in this order: the ID, and the rest of the request
  std::array<mmsghdr, kMaxBurst> messages_;
  std::array<Segment, kMaxBurst> segments_;
};

}  // namespace tools
