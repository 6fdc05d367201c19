// RRsets: the records of one owner, class and type, with one TTL (RFC 2181 5). The owner is stored elsewhere.
//
//     packed RDATA:   | length 16 | octets ... | length 16 | octets ... |      `count` times, big-endian lengths
//
// RDATA is in wire form with uncompressed names. In a zone it is in canonical order (RFC 4034 6.3) and without
// duplicates. `RrsetView` borrows memory (the arena of a zone, the buffer of a caller); `Rrset` owns it. Both are
// values.
#pragma once

#include <vector>

#include "zone/base/bytes.h"
#include "zone/rr/type.h"

namespace dns {

inline constexpr std::size_t kMaxSetRecords = 65535;  // no message holds more

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
  // Inserts RDATA at its canonical position; false if the RRset has it already. The caller ensures that there are fewer
  // than kMaxSetRecords records. O(count).
  bool add(Bytes rdata);

  friend bool operator==(const Rrset&, const Rrset&) = default;
};

// Octets of an RRset in a message, without owner names.
constexpr std::size_t rrset_size(std::size_t count, std::size_t packed_size) {
  return packed_size + 8 * count;  // type, class and TTL; the lengths are in packed_size
}

}  // namespace dns
