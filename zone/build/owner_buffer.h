// The records of one owner while they come in: sets in the making, each kept sorted and without duplicates.
//
// Reused from owner to owner, so that building a zone allocates nothing per record. A record that sorts behind those
// that its set has, the usual case, costs one comparison; any other a binary search and a shift of 8 octets a record.
// Where the records of a set came side by side and in order, their octets are the packed set as they lie.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "zone/build/builder.h"
#include "zone/snapshot/storage.h"

namespace dns {

inline constexpr std::size_t kMaxSetOctets = 65535;  // of packed RDATA: more fits into no message

// A set ready to be stored.
struct PackedSet {
  SetKind kind;
  std::uint32_t ttl = 0;
  std::uint16_t count = 0;
  std::uint32_t hash = 0;  // the owner's caller's own
  Bytes packed;            // valid until the buffer changes
};

class OwnerBuffer {
 public:
  // Begins with `owner`; the buffer is empty.
  void open(NameView owner) {
    std::memcpy(owner_.data(), owner.data(), owner.size());
    owner_size_ = owner.size();
  }
  NameView owner() const { return NameView::trusted(owner_.data(), owner_size_); }
  // Forgets all records.
  void clear();
  bool empty() const { return kinds_.empty(); }

  AddOutcome add(SetKind kind, std::uint32_t ttl, Bytes rdata);

  // The sets in ascending order of kind, each packed once unless records came since.
  std::span<PackedSet> sets();
  // True where `sets` has nothing left to do.
  bool is_packed() const { return !packed_sets_.empty(); }

 private:
  struct Slice {
    std::uint32_t offset, size;  // in octets_, behind the two octets of its length
  };
  struct Set {
    std::uint32_t ttl = 0;
    std::size_t packed_size = 0;
    std::vector<Slice> rdata;  // in canonical order
    enum class Lie : std::uint8_t { kSideBySide, kScattered } lie = Lie::kSideBySide;
  };

  Bytes octets(Slice slice) const { return {octets_.data() + slice.offset, slice.size}; }
  std::size_t place_of(SetKind kind, const Set& set, Bytes rdata) const;
  Set& open_set(SetKind kind, std::uint32_t ttl);
  Slice keep(Bytes rdata);
  Bytes pack(const Set& set);

  std::array<std::uint8_t, kMaxName> owner_;
  std::size_t owner_size_ = 0;
  std::vector<std::uint32_t> kinds_;  // SetKind values, as they came
  std::vector<Set> sets_;             // the first kinds_.size() are in use: the rest keeps its room
  std::vector<std::uint8_t> octets_;  // RDATA of all, each behind its length; beyond octets_size_ room only
  std::size_t octets_size_ = 0;
  std::vector<PackedSet> packed_sets_;  // empty: to be made
  std::vector<std::uint8_t> packed_;    // those sets whose records do not lie as they are packed
};

}  // namespace dns
