#include "zone/snapshot/owner_run.h"

#include <algorithm>
#include <numeric>

#include "zone/rr/rdata.h"

namespace dns {

void OwnerRun::clear() {
  for (std::size_t index = 0; index < kinds_.size(); ++index) sets_[index].rdata.clear();
  kinds_.clear();
  octets_.clear();
}

AddOutcome OwnerRun::add(SetKind kind, std::uint32_t ttl, Bytes rdata) {
  const auto known = std::ranges::find(kinds_, kind.value);
  Set* set = known == kinds_.end() ? nullptr : &sets_[static_cast<std::size_t>(known - kinds_.begin())];
  const std::size_t before = set == nullptr ? 0 : set->packed_size;

  std::size_t place = 0;
  if (set != nullptr) {
    const auto found = place_of(kind, *set, rdata);
    place = static_cast<std::size_t>(found - set->rdata.cbegin());
    if (found != set->rdata.cend() && compare_rdata(kind.type(), octets(*found), rdata) == 0) return AddOutcome::kDuplicate;
  }
  if (before + 2 + rdata.size() > kMaxSetOctets) return AddOutcome::kSetTooLarge;

  if (set == nullptr) set = &open_set(kind, ttl);
  const Slice slice{static_cast<std::uint32_t>(octets_.size()), static_cast<std::uint32_t>(rdata.size())};
  octets_.insert(octets_.end(), rdata.begin(), rdata.end());
  set->rdata.insert(set->rdata.begin() + static_cast<std::ptrdiff_t>(place), slice);
  set->packed_size += 2 + rdata.size();
  if (set->ttl == ttl) return AddOutcome::kAdded;
  set->ttl = std::min(set->ttl, ttl);
  return AddOutcome::kTtlDiffers;
}

// The first that does not sort before `rdata`.
std::vector<OwnerRun::Slice>::const_iterator OwnerRun::place_of(SetKind kind, const Set& set, Bytes rdata) const {
  const auto sorts_before = [&](Slice held, Bytes wanted) { return compare_rdata(kind.type(), octets(held), wanted) < 0; };
  if (sorts_before(set.rdata.back(), rdata)) return set.rdata.cend();
  return std::lower_bound(set.rdata.cbegin(), set.rdata.cend(), rdata, sorts_before);
}

OwnerRun::Set& OwnerRun::open_set(SetKind kind, std::uint32_t ttl) {
  kinds_.push_back(kind.value);
  if (sets_.size() < kinds_.size()) sets_.emplace_back();
  Set& set = sets_[kinds_.size() - 1];
  set.ttl = ttl;
  set.packed_size = 0;
  return set;
}

void OwnerRun::pack(const Set& set) {
  packed_.resize(set.packed_size);
  std::uint8_t* out = packed_.data();
  for (const Slice slice : set.rdata) {
    store16(out, static_cast<std::uint16_t>(slice.size));
    if (slice.size != 0) std::memcpy(out + 2, octets_.data() + slice.offset, slice.size);
    out += 2 + slice.size;
  }
}

std::span<const std::uint32_t> OwnerRun::ascending() {
  order_.resize(kinds_.size());
  std::iota(order_.begin(), order_.end(), 0U);
  std::ranges::sort(order_, {}, [this](std::uint32_t index) { return kinds_[index]; });
  return order_;
}

}  // namespace dns
