// A name that takes as much memory as it has octets: for what is kept once a zone, by the hundred thousand.
//
// A `Name` is 256 octets in place, which is right on the stack and where allocation is forbidden; most names have
// twenty. A value; immutable but for assignment.
#pragma once

#include <concepts>
#include <memory>

#include "zone/name/name.h"

namespace dns {

class CompactName {
 public:
  CompactName() = default;    // the root
  CompactName(NameView name)  // NOLINT: a value of what the view shows
      : octets_(std::make_unique_for_overwrite<std::uint8_t[]>(name.size())) {
    std::memcpy(octets_.get(), name.data(), name.size());
  }
  CompactName(const Name& name) : CompactName(name.view()) {}  // NOLINT: likewise
  CompactName(const CompactName& other) : CompactName(other.view()) {}
  CompactName& operator=(const CompactName& other) {
    if (this != &other) *this = CompactName(other);
    return *this;
  }
  CompactName(CompactName&&) noexcept = default;  // what was moved from is the root
  CompactName& operator=(CompactName&&) noexcept = default;

  NameView view() const { return octets_ == nullptr ? NameView() : NameView::trusted(octets_.get()); }
  operator NameView() const { return view(); }  // NOLINT: lends itself as a view everywhere

  template <std::convertible_to<NameView> Other>
  friend bool operator==(const CompactName& a, const Other& b) {
    return a.view() == NameView(b);
  }

 private:
  std::unique_ptr<std::uint8_t[]> octets_;  // null: the root
};

}  // namespace dns
