// Domain names in wire form: length-prefixed labels up to the zero octet of the root, at most 255 octets (RFC 1035
// 3.1).
//
//     www.Example.   03 'w' 'w' 'w' 07 'E' 'x' 'a' 'm' 'p' 'l' 'e' 00        size 13, labels 2
//
// A `NameView` borrows a valid uncompressed name. A `Name` owns one in place, without allocation (256 octets, a value).
// Case is kept but not significant: `==` folds ASCII (RFC 4343); octets above 0x7f are compared as they are. Only
// `read_name`, `parse_name` and `NameView::trusted` make views; therefore each view is a valid name.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>

#include "zone/base/bytes.h"
#include "zone/base/result.h"

namespace dns {

inline constexpr std::size_t kMaxName = 255;    // octets of a name, root label included
inline constexpr std::size_t kMaxLabel = 63;    // octets of a label
inline constexpr std::size_t kMaxLabels = 127;  // labels of a name, root label not counted

class NameView {
 public:
  constexpr NameView() : data_(&kRootOctet), size_(1) {}  // the root

  // A view of octets that are known to be one complete valid name, for example because this library wrote them.
  static NameView trusted(const std::uint8_t* data, std::size_t size) { return {data, size}; }
  // The same; the size is found by walking the labels.
  static NameView trusted(const std::uint8_t* data);

  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  Bytes bytes() const { return {data_, size_}; }
  bool is_root() const { return size_ == 1; }
  bool is_wildcard() const { return size_ > 2 && data_[0] == 1 && data_[1] == '*'; }  // RFC 4592 2.1.1
  std::size_t labels() const;

  // The first label without its length; empty for the root.
  Bytes first_label() const { return {data_ + 1, data_[0]}; }
  // The name without its first label. Not for the root.
  NameView parent() const { return {data_ + 1 + data_[0], size_ - 1 - data_[0]}; }
  // The name without its first `count` labels; the root if it has fewer.
  NameView drop(std::size_t count) const;
  // True if this name is `ancestor` or lies below it.
  bool is_within(NameView ancestor) const;

  friend bool operator==(NameView a, NameView b);

 private:
  constexpr NameView(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  static constexpr std::uint8_t kRootOctet = 0;
  const std::uint8_t* data_;
  std::size_t size_;
};

class Name {
 public:
  Name() = default;                                                      // the root
  Name(NameView view) : size_(static_cast<std::uint8_t>(view.size())) {  // NOLINT: implicit, copies the view
    std::memcpy(octets_.data(), view.data(), view.size());
  }

  operator NameView() const { return view(); }  // NOLINT: implicit view
  NameView view() const { return NameView::trusted(octets_.data(), size_); }
  std::size_t size() const { return size_; }

  friend bool operator==(const Name& a, const Name& b) { return a.view() == b.view(); }

 private:
  std::array<std::uint8_t, kMaxName + 1> octets_{};
  std::uint8_t size_ = 1;
};

// RFC 4034 6.1: compares labels from the root down, folded, as unsigned octets; a prefix sorts first.
std::strong_ordering canonical_order(NameView a, NameView b);

// The same for ordered containers.
struct CanonicalLess {
  using is_transparent = void;
  bool operator()(NameView a, NameView b) const { return canonical_order(a, b) < 0; }
};

// `prefix` followed by `suffix`; nothing if that exceeds 255 octets. `prefix` is length-prefixed labels without the
// root label.
std::optional<Name> join(Bytes prefix, NameView suffix);

// Replaces the suffix `from` of `name` by `to` (DNAME, RFC 6672 2.2). `name` lies within `from`. Nothing if the result
// is too long.
std::optional<Name> replace_suffix(NameView name, NameView from, NameView to);

enum class NameError : std::uint8_t { kTruncated, kTooLong, kLabelType, kCompressed };

// Reads an uncompressed name at the start of `bytes`: stored RDATA, or types that must not be compressed (RFC 3597 4).
Result<NameView, NameError> read_name(Bytes bytes);

}  // namespace dns
