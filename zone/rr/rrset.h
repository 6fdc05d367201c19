// RRsets: the records of one owner, class and type, with one TTL (RFC 2181 5). The owner is kept by whoever holds the
// set.
//
//     packed RDATA:   | length 16 | octets ... | length 16 | octets ... |      `count` times, big-endian lengths
//
// RDATA is in wire form with uncompressed names, in canonical order (RFC 4034 6.3) and without duplicates once in a
// zone. `RrsetView` borrows (from a zone's arena, from a caller's buffer); `Rrset` owns. Both are values.
#pragma once

#include <vector>

#include "zone/base/bytes.h"
#include "zone/rr/type.h"

namespace dns {

inline constexpr std::size_t kMaxSetRecords = 65535;  // more do not fit any message

struct RrsetView {
  Type type{};
  std::uint16_t count = 0;
  std::uint32_t ttl = 0;  // seconds
  const std::uint8_t* packed = nullptr;

  class Iterator {
   public:
    using value_type = Bytes;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const std::uint8_t* at, std::size_t left) : at_(at), left_(left) {}
    Bytes operator*() const { return {at_ + 2, load16(at_)}; }
    Iterator& operator++() {
      at_ += 2U + load16(at_);
      --left_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      ++*this;
      return old;
    }
    bool operator==(const Iterator& other) const { return left_ == other.left_; }

   private:
    const std::uint8_t* at_ = nullptr;
    std::size_t left_ = 0;
  };

  Iterator begin() const { return {packed, count}; }
  Iterator end() const { return {nullptr, 0}; }
  bool empty() const { return count == 0; }
  // Octets of `packed`. O(count).
  std::size_t packed_size() const {
    std::size_t size = 0;
    for (const Bytes rdata : *this) size += 2 + rdata.size();
    return size;
  }
};

struct Rrset {
  Type type{};
  std::uint32_t ttl = 0;  // seconds
  std::uint16_t count = 0;
  std::vector<std::uint8_t> packed;

  Rrset() = default;
  Rrset(Type of, std::uint32_t seconds) : type(of), ttl(seconds) {}
  explicit Rrset(const RrsetView& view)
      : type(view.type), ttl(view.ttl), count(view.count), packed(view.packed, view.packed + view.packed_size()) {}

  RrsetView view() const { return {type, count, ttl, packed.data()}; }
  // Adds one RDATA at its canonical place; false where the set already has it. The caller sees to
  // it that there are fewer than kMaxSetRecords. O(count).
  bool add(Bytes rdata);

  friend bool operator==(const Rrset&, const Rrset&) = default;
};

// Octets that a set takes in a message, without owner names and the rest of the message.
constexpr std::size_t set_octets(std::size_t count, std::size_t packed_size) {
  return packed_size + 8 * count;  // type, class and TTL; packed RDATA has its length before it, as in a message
}

}  // namespace dns
