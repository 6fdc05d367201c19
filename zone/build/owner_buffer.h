// Collects the records of one owner into RRsets, each sorted and without duplicates.
//
// One buffer is reused for many owners, so adding a record allocates no memory. A record that sorts behind the others
// of its RRset, the usual case, costs one comparison. Any other costs a binary search and a shift of 8 octets for each
// record behind it. If the records of an RRset come together and in order, their octets already are the packed RRset.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "zone/build/builder.h"
#include "zone/snapshot/storage.h"

namespace dns {

// Octets of packed RDATA. No message can hold more. The record that exceeds it is stored, so that the RRset is never
// answered without the records that are dropped; further ones are not, so that the RRset does not grow without limit.
inline constexpr std::size_t kMaxRrsetSize = 65535;

// An RRset ready to be stored.
struct PackedRrset {
  RrsetKind kind;
  std::uint32_t ttl = 0;
  std::uint16_t count = 0;
  std::uint32_t hash = 0;  // for use by the caller
  Bytes packed;            // valid until the buffer changes
};

class OwnerBuffer {
 public:
  // Begins an owner. The buffer must be empty.
  void open(NameView owner) {
    std::memcpy(owner_.data(), owner.data(), owner.size());
    owner_size_ = owner.size();
  }
  NameView owner() const { return NameView::trusted(owner_.data(), owner_size_); }
  // Removes all records.
  void clear();
  bool empty() const { return kinds_.empty(); }

  AddOutcome add(RrsetKind kind, std::uint32_t ttl, Bytes rdata);

  // The RRsets in ascending order of kind. Packs them if records were added since the last call.
  std::span<PackedRrset> sets();
  // True if `sets` has nothing to do.
  bool is_packed() const { return !packed_sets_.empty(); }

 private:
  struct Slice {
    std::uint32_t offset, size;  // in octets_, behind the 16-bit length
  };
  struct Set {
    std::uint32_t ttl = 0;
    std::size_t packed_size = 0;
    std::vector<Slice> rdata;  // in canonical order
    enum class Lie : std::uint8_t { kSideBySide, kScattered } lie = Lie::kSideBySide;
  };

  Bytes octets(Slice slice) const { return {octets_.data() + slice.offset, slice.size}; }
  std::size_t place_of(RrsetKind kind, const Set& set, Bytes rdata) const;
  Set& open_set(RrsetKind kind, std::uint32_t ttl);
  Slice keep(Bytes rdata);
  Bytes pack(const Set& set);

  std::array<std::uint8_t, kMaxName> owner_;
  std::size_t owner_size_ = 0;
  std::vector<std::uint32_t> kinds_;  // RrsetKind values in input order
  std::vector<Set> sets_;             // the first kinds_.size() are in use; the others keep their memory
  std::vector<std::uint8_t> octets_;  // all RDATA, each behind its length; unused beyond octets_size_
  std::size_t octets_size_ = 0;
  std::vector<PackedRrset> packed_sets_;  // empty: not made yet
  std::vector<std::uint8_t> packed_;      // RRsets whose records in octets_ are not in order or not together
};

}  // namespace dns
