// Sets that are written without looking for what could shorten them: there is nothing, or it is known beforehand.
//
//     addresses, texts ...      no names
//     servers elsewhere         ns1.hoster.net.  ns2.hoster.net.      of a delegation of another registry than net.:
//     none of them shares a
//                               3 ns1 6 hoster 3 net 0   3 ns2 ^      label with the question, and all but the first
//                               end as the first does
//
// What is written equals the general writer's octets (message/writer.h). Whatever is different in any way goes by the
// composer (message_builder.h), from the set's beginning. No allocation.
#pragma once

#include <bit>

#include "zone/message/message.h"
#include "zone/rr/rrset.h"

namespace dns {

// What the records of a set begin with: owner, type, class, TTL; as it lies in memory.
class RecordHead {
 public:
  static constexpr std::size_t kSize = 10;

  // `owner` points to where the owner stands in the message.
  RecordHead(std::uint16_t owner, const RrsetView& set)
      : first_(network_order(std::uint64_t{owner} << 48 | std::uint64_t{static_cast<std::uint16_t>(set.type)} << 32 |
                             std::uint64_t{static_cast<std::uint16_t>(Class::IN)} << 16 | set.ttl >> 16)),
        rest_(network_order(static_cast<std::uint16_t>(set.ttl))) {}
  void write(std::uint8_t* out) const {
    std::memcpy(out, &first_, sizeof first_);
    std::memcpy(out + sizeof first_, &rest_, sizeof rest_);
  }

 private:
  // An integer whose octets lie in memory as they do in messages.
  template <class Integer>
  static Integer network_order(Integer value) {
    return std::endian::native == std::endian::little ? std::byteswap(value) : value;
  }

  std::uint64_t first_;
  std::uint16_t rest_;  // of the TTL
};

// Where a set may be written.
struct OutputSpace {
  std::uint8_t* message;
  std::size_t at, limit;  // octets from the message's beginning
};

// These return where the message goes on behind the set; 0: not this way, whatever has been written.
// A set whose RDATA holds no names that may be compressed.
std::size_t write_set_without_names(const OutputSpace& space, const RecordHead& head, const RrsetView& set);
// A set of servers of which none shares its last label with `question`, which is not the root.
std::size_t write_unrelated_servers(const OutputSpace& space, const RecordHead& head, const RrsetView& servers,
                                    NameView question);

// Whether two names, neither of them the root, surely differ in their last labels: they end differently.
inline bool differ_at_end(Bytes a, Bytes b) {
  constexpr unsigned kCase = 0x2020;  // two octets before the root's: letters, or a length and a letter
  const auto end_of = [](const std::uint8_t* end) { return load16(end - 3) | kCase; };
  return end_of(a.data() + a.size()) != end_of(b.data() + b.size());
}

}  // namespace dns
