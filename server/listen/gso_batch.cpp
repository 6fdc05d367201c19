#include "server/listen/gso_batch.h"

#include <algorithm>

namespace server {
namespace {

constexpr std::size_t kSlots = 64;  // of the table of clients: twice as many as there can be
constexpr std::uint8_t kFree = 0xff;
constexpr std::size_t kPortAt = 2;  // of an address of either family

std::size_t slot_of(dns::Bytes client) {
  const unsigned port = dns::load16(client.data() + kPortAt);
  return (port ^ port >> 6 ^ client[7] ^ client[client.size() - 5]) % kSlots;
}

bool same_destination(const OutgoingDatagram& a, const OutgoingDatagram& b) {
  return dns::equal(a.client, b.client) && dns::equal(a.control, b.control);
}

}  // namespace

bool GsoBatch::group(std::span<const OutgoingDatagram> answers) {
  if (!find_clients(answers)) return false;
  for (std::size_t i = 0; i < answers.size(); ++i)  // by client, the largest first
    keys_[i] = static_cast<std::uint32_t>(std::size_t{client_[i]} << 24 | (0xffff - answers[i].answer.size()) << 8 | i);
  std::sort(keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(answers.size()));
  for (std::size_t i = 0; i < answers.size(); ++i) order_[i] = static_cast<std::uint8_t>(keys_[i]);
  split_groups(answers);
  return true;
}

// Finds for each answer the first one with the same destination; false if all destinations differ.
bool GsoBatch::find_clients(std::span<const OutgoingDatagram> answers) {
  std::array<std::uint8_t, kSlots> table;
  table.fill(kFree);
  bool any = false;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    std::size_t at = slot_of(answers[i].client);
    while (table[at] != kFree && !same_destination(answers[table[at]], answers[i])) at = (at + 1) % kSlots;
    any = any || table[at] != kFree;
    if (table[at] == kFree) table[at] = static_cast<std::uint8_t>(i);
    client_[i] = table[at];
  }
  return any;
}

void GsoBatch::split_groups(std::span<const OutgoingDatagram> answers) {
  group_count_ = 0;
  for (std::size_t first = 0; first < answers.size();) {
    const std::size_t size = answers[order_[first]].answer.size();
    std::size_t next = first + 1;
    const auto is_same_client = [&] {
      return next < answers.size() && client_[order_[next]] == client_[order_[first]];
    };
    if (size <= kMaxSegment) {
      while (is_same_client() && answers[order_[next]].answer.size() == size) ++next;
      if (is_same_client()) ++next;  // the shorter one behind
    }
    groups_[group_count_++] = {static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(next - first),
                               static_cast<std::uint16_t>(size)};
    first = next;
  }
}

}  // namespace server
