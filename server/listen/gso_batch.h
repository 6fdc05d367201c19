// Groups the answers of a batch for UDP_SEGMENT (GSO): one send takes answers of equal size to one client's port, and
// one shorter answer behind them.
//
//     answers   a 60  b 90  a 60  a 75  c 60  a 60        to clients a, b, c; octets
//     sends     [a 75, a 60]  [a 60, a 60]  [b 90]  [c 60]
//
// The kernel cuts such a send into datagrams of equal size, which costs a third of separate sends. This helps with
// front-ends and forwarders that send many questions from one port. Resolvers use another port for each question: for
// them it costs a look into a small table for each answer, and no sorting. The order of answers changes, and no UDP
// client may rely on it. Pure; a value of one thread, without allocation.
#pragma once

#include <array>
#include <span>

#include "zone/base/bytes.h"

namespace server {

inline constexpr std::size_t kMaxGrouped = 32;    // answers of one batch
inline constexpr std::size_t kMaxSegment = 1232;  // octets of an answer that is grouped: it fits every IPv6 path
static_assert(kMaxGrouped * kMaxSegment <= 65507, "a group fits one send");

struct OutgoingDatagram {
  dns::Bytes answer;
  dns::Bytes client;   // its address in the kernel's form: family, port, address
  dns::Bytes control;  // the control message with the source address; equal for equal sources
};

class GsoBatch {
 public:
  struct Group {
    std::uint8_t first = 0, count = 0;  // of `order`
    std::uint16_t segment = 0;          // octets of each but the last
  };

  // False if all answers have different clients: nothing is grouped. At most kMaxGrouped answers.
  bool group(std::span<const OutgoingDatagram> answers);

  // Valid after `group` returned true.
  std::span<const Group> groups() const { return {groups_.data(), group_count_}; }
  std::size_t answer(std::size_t place) const { return order_[place]; }

 private:
  bool find_clients(std::span<const OutgoingDatagram> answers);
  void split_groups(std::span<const OutgoingDatagram> answers);

  std::array<std::uint8_t, kMaxGrouped> client_;  // of each answer: the first answer to the same client
  std::array<std::uint32_t, kMaxGrouped> keys_;
  std::array<std::uint8_t, kMaxGrouped> order_;
  std::array<Group, kMaxGrouped> groups_;
  std::size_t group_count_ = 0;
};

}  // namespace server
