#include "zone/build/owner_buffer.h"

#include <algorithm>

#include "zone/rr/rdata.h"

namespace dns {

void OwnerBuffer::clear() {
  for (std::size_t index = 0; index < kinds_.size(); ++index) sets_[index].rdata.clear();
  kinds_.clear();
  packed_sets_.clear();
  octets_size_ = 0;
}

AddOutcome OwnerBuffer::add(RrsetKind kind, std::uint32_t ttl, Bytes rdata) {
  std::size_t index = 0;
  while (index < kinds_.size() && kinds_[index] != kind.value) ++index;
  Set* set = index == kinds_.size() ? nullptr : &sets_[index];
  const std::size_t before = set == nullptr ? 0 : set->packed_size;
  const std::size_t place = set == nullptr ? 0 : place_of(kind, *set, rdata);
  const bool last = set == nullptr || place == set->rdata.size();
  if (!last && compare_rdata(kind.type(), octets(set->rdata[place]), rdata) == 0) return AddOutcome::kDuplicate;
  if (before > kMaxRrsetSize) return AddOutcome::kRrsetTooLarge;

  packed_sets_.clear();
  if (set == nullptr) set = &open_set(kind, ttl);
  if (!last || (before != 0 && set->rdata.back().offset + set->rdata.back().size != octets_size_))
    set->lie = Set::Lie::kScattered;
  set->rdata.insert(set->rdata.begin() + static_cast<std::ptrdiff_t>(place), keep(rdata));
  set->packed_size += 2 + rdata.size();
  if (set->ttl == ttl) return AddOutcome::kAdded;
  set->ttl = std::min(set->ttl, ttl);
  return AddOutcome::kTtlDiffers;
}

// The first record that does not sort before `rdata`.
std::size_t OwnerBuffer::place_of(RrsetKind kind, const Set& set, Bytes rdata) const {
  const auto sorts_before = [&](Slice held, Bytes wanted) {
    return compare_rdata(kind.type(), octets(held), wanted) < 0;
  };
  if (sorts_before(set.rdata.back(), rdata)) return set.rdata.size();
  return static_cast<std::size_t>(std::lower_bound(set.rdata.begin(), set.rdata.end(), rdata, sorts_before) -
                                  set.rdata.begin());
}

OwnerBuffer::Set& OwnerBuffer::open_set(RrsetKind kind, std::uint32_t ttl) {
  kinds_.push_back(kind.value);
  if (sets_.size() < kinds_.size()) sets_.emplace_back();
  Set& set = sets_[kinds_.size() - 1];
  set.ttl = ttl;
  set.packed_size = 0;
  set.lie = Set::Lie::kSideBySide;
  return set;
}

OwnerBuffer::Slice OwnerBuffer::keep(Bytes rdata) {
  const std::size_t end = octets_size_ + 2 + rdata.size();
  if (end > octets_.size()) octets_.resize(std::max<std::size_t>(2 * end, 256));
  std::uint8_t* const out = octets_.data() + octets_size_;
  store16(out, static_cast<std::uint16_t>(rdata.size()));
  if (!rdata.empty()) std::memcpy(out + 2, rdata.data(), rdata.size());
  const Slice slice{static_cast<std::uint32_t>(octets_size_ + 2), static_cast<std::uint32_t>(rdata.size())};
  octets_size_ = end;
  return slice;
}

std::span<PackedRrset> OwnerBuffer::sets() {
  if (is_packed()) return packed_sets_;
  std::size_t scattered = 0;
  for (std::size_t index = 0; index < kinds_.size(); ++index)
    if (sets_[index].lie == Set::Lie::kScattered) scattered += sets_[index].packed_size;
  packed_.clear();
  packed_.reserve(scattered);  // `packed` views point into it: it must not move
  for (std::size_t index = 0; index < kinds_.size(); ++index) {
    const Set& set = sets_[index];
    const PackedRrset packed{RrsetKind{kinds_[index]}, set.ttl, static_cast<std::uint16_t>(set.rdata.size()), 0,
                             pack(set)};
    std::size_t at = packed_sets_.size();
    packed_sets_.push_back(packed);
    for (; at > 0 && packed_sets_[at - 1].kind > packed.kind; --at) packed_sets_[at] = packed_sets_[at - 1];
    packed_sets_[at] = packed;
  }
  return packed_sets_;
}

Bytes OwnerBuffer::pack(const Set& set) {
  if (set.lie == Set::Lie::kSideBySide) return {octets_.data() + set.rdata.front().offset - 2, set.packed_size};
  const std::size_t begin = packed_.size();
  for (const Slice slice : set.rdata) {
    const std::uint8_t* const rdata = octets_.data() + slice.offset;
    packed_.insert(packed_.end(), rdata - 2, rdata + slice.size);
  }
  return {packed_.data() + begin, set.packed_size};
}

}  // namespace dns
