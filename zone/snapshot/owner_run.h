// The records of one owner while they come in: sets in the making, each kept sorted and without duplicates.
//
// Reused from owner to owner, so that building a zone allocates nothing per record. A record that sorts behind those that
// its set has, the usual case, costs one comparison; any other a binary search and a shift of 8 octets a record.
#pragma once

#include <span>
#include <vector>

#include "zone/snapshot/builder.h"
#include "zone/snapshot/storage.h"

namespace dns {

inline constexpr std::size_t kMaxSetOctets = 65535;  // of packed RDATA: more fits into no message

class OwnerRun {
 public:
  // Begins with `owner`; the run is empty.
  void open(NameView owner) { owner_ = owner; }
  NameView owner() const { return owner_; }
  // Forgets all records.
  void clear();
  bool empty() const { return kinds_.empty(); }

  AddOutcome add(SetKind kind, std::uint32_t ttl, Bytes rdata);

  // Visits the sets in ascending order of kind: `visit(kind, ttl, count, packed)`.
  template <class Visit>
  void for_each_set(Visit&& visit);

 private:
  struct Slice {
    std::uint32_t offset, size;  // in octets_
  };
  struct Set {
    std::uint32_t ttl = 0;
    std::size_t packed_size = 0;
    std::vector<Slice> rdata;  // in canonical order
  };

  Bytes octets(Slice slice) const { return {octets_.data() + slice.offset, slice.size}; }
  std::vector<Slice>::const_iterator place_of(SetKind kind, const Set& set, Bytes rdata) const;
  Set& open_set(SetKind kind, std::uint32_t ttl);
  void pack(const Set& set);
  std::span<const std::uint32_t> ascending();

  Name owner_;
  std::vector<std::uint32_t> kinds_;    // SetKind values, as they came
  std::vector<Set> sets_;               // the first kinds_.size() are in use: the rest keeps its room
  std::vector<std::uint8_t> octets_;    // RDATA of all
  std::vector<std::uint8_t> packed_;    // scratch of for_each_set
  std::vector<std::uint32_t> order_;    // likewise
};

template <class Visit>
void OwnerRun::for_each_set(Visit&& visit) {
  for (const std::uint32_t index : ascending()) {
    const Set& set = sets_[index];
    pack(set);
    visit(SetKind{kinds_[index]}, set.ttl, static_cast<std::uint16_t>(set.rdata.size()), Bytes(packed_));
  }
}

}  // namespace dns
