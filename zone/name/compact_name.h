// A name that uses only as much memory as it has octets: for data of which there is one for each zone.
//
// A `Name` has 256 octets in place, which suits the stack and code that must not allocate; most names have twenty
// octets. A value type.
#pragma once

#include <concepts>
#include <memory>

#include "zone/name/name.h"

namespace dns {

class CompactName {
 public:
  CompactName() = default;    // the root
  CompactName(NameView name)  // NOLINT: implicit, copies the view
      : octets_(std::make_unique_for_overwrite<std::uint8_t[]>(name.size())) {
    std::memcpy(octets_.get(), name.data(), name.size());
  }
  CompactName(const Name& name) : CompactName(name.view()) {}  // NOLINT: the same
  CompactName(const CompactName& other) : CompactName(other.view()) {}
  CompactName& operator=(const CompactName& other) {
    if (this != &other) *this = CompactName(other);
    return *this;
  }
  CompactName(CompactName&&) noexcept = default;  // a moved-from name is the root
  CompactName& operator=(CompactName&&) noexcept = default;

  NameView view() const { return octets_ == nullptr ? NameView() : NameView::trusted(octets_.get()); }
  operator NameView() const { return view(); }  // NOLINT: implicit view

  template <std::convertible_to<NameView> Other>
  friend bool operator==(const CompactName& a, const Other& b) {
    return a.view() == NameView(b);
  }

 private:
  std::unique_ptr<std::uint8_t[]> octets_;  // null: the root
};

}  // namespace dns
