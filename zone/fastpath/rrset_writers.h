// RRsets that need no search for compression: they have no names, or the shared part is known beforehand.
//
//     addresses, texts ...   no names
//     servers elsewhere      ns1.hoster.net.  ns2.hoster.net.    servers of another domain: their last label is not in
//                            3 ns1 6 hoster 3 net 0   3 ns2 ^    the question, and all end as the first does
//
// The output equals that of the general writer (message/writer.h). All other RRsets go through MessageBuilder
// (message_builder.h), from their first record on. No allocation.
#pragma once

#include <array>
#include <bit>

#include "zone/message/message.h"
#include "zone/rr/rrset.h"

namespace dns {

// The fixed first part of the records of an RRset as octets: owner, type, class, TTL.
class RecordHead {
 public:
  static constexpr std::size_t kSize = 10, kOwner = 2;

  // `owner` is a compression pointer to the owner in the message.
  RecordHead(std::uint16_t owner, const RrsetView& set)
      : first_(network_order(std::uint64_t{owner} << 48 | std::uint64_t{static_cast<std::uint16_t>(set.type)} << 32 |
                             std::uint64_t{static_cast<std::uint16_t>(Class::IN)} << 16 | set.ttl >> 16)),
        rest_(network_order(static_cast<std::uint16_t>(set.ttl))) {}
  void write(std::uint8_t* out) const {
    std::memcpy(out, &first_, sizeof first_);
    std::memcpy(out + sizeof first_, &rest_, sizeof rest_);
  }
  // Without the owner.
  void write_behind_owner(std::uint8_t* out) const {
    std::array<std::uint8_t, kSize> all;
    write(all.data());
    std::memcpy(out, all.data() + kOwner, kSize - kOwner);
  }

 private:
  // The integer in network byte order.
  template <class Integer>
  static Integer network_order(Integer value) {
    return std::endian::native == std::endian::little ? std::byteswap(value) : value;
  }

  std::uint64_t first_;
  std::uint16_t rest_;  // of the TTL
};

// The XOR of the numbers at two places.
template <class Number>
Number difference(const std::uint8_t* a, const std::uint8_t* b) {
  Number x = 0, y = 0;
  std::memcpy(&x, a, sizeof x);
  std::memcpy(&y, b, sizeof y);
  return x ^ y;
}

// True if `count` octets are equal, case included. Names of common sizes need no loop: the first and the last part
// overlap.
inline bool same(const std::uint8_t* a, const std::uint8_t* b, std::size_t count) {
  if (count < 4 || count > 32) return std::memcmp(a, b, count) == 0;
  if (count < 8)
    return (difference<std::uint32_t>(a, b) | difference<std::uint32_t>(a + count - 4, b + count - 4)) == 0;
  std::uint64_t seen = difference<std::uint64_t>(a, b) | difference<std::uint64_t>(a + count - 8, b + count - 8);
  if (count > 16)
    seen |= difference<std::uint64_t>(a + 8, b + 8) | difference<std::uint64_t>(a + count - 16, b + count - 16);
  return seen == 0;
}

// Space for an RRset in a message.
struct OutputSpace {
  std::uint8_t* message;
  std::size_t at, limit;  // offsets from the beginning of the message
};

// These functions return the offset behind the RRset, or 0 if they cannot write it; the space may then hold anything.
// An RRset whose RDATA holds no compressible names.
std::size_t write_set_without_names(const OutputSpace& space, const RecordHead& head, const RrsetView& set);
// An NS RRset. It is written if no server shares its last label with `question`, which is not the root.
std::size_t write_unrelated_servers(const OutputSpace& space, const RecordHead& head, const RrsetView& servers,
                                    NameView question);

// True if the last labels of two names are certainly different: their last octets differ. Neither is the root.
inline bool differ_at_end(Bytes a, Bytes b) {
  constexpr unsigned kCase = 0x2020;  // the two octets before the root label: letters, or a length and a letter
  const auto end_of = [](const std::uint8_t* end) { return load16(end - 3) | kCase; };
  return end_of(a.data() + a.size()) != end_of(b.data() + b.size());
}

}  // namespace dns
