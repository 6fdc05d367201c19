// The questions that one port sends at a time: each its own datagram, several of equal size in one send where that is
// wanted.
//
//     sizes     40 38 40 40 38        each alone: five messages; together: [40 40 40] [38 38], which the kernel cuts
//     (UDP_SEGMENT)
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
  // `request` outlives the sending; `id` takes the place of its own. At most kMaxBurst.
  void add(std::uint16_t id, dns::Bytes request);

  // On a connected socket. Returns the ids of those that the kernel did not take.
  std::span<const std::uint16_t> send(int socket, SendMode how);

 private:
  struct Segment {
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> octets;
  };

  std::size_t build_messages(SendMode how);

  std::size_t count_ = 0;
  std::array<std::uint16_t, kMaxBurst> ids_, refused_;
  std::array<dns::Bytes, kMaxBurst> requests_;
  std::array<std::uint8_t, kMaxBurst> order_;  // in which they leave
  std::array<std::array<std::uint8_t, 2>, kMaxBurst> id_octets_;
  std::array<std::array<iovec, 2>, kMaxBurst> parts_;  // in that order: the id, and what follows it
  std::array<mmsghdr, kMaxBurst> messages_;
  std::array<Segment, kMaxBurst> segments_;
};

}  // namespace tools
