// Who sees what: views of clients, told apart by the client's prefix and by the address of ours that was asked.
//
//     views, in the operator's order:   closed: clients 10.0.0.0/8, at 10.1.0.53        public: everybody else
//
// A client is in the first view that lists its address (in `clients`, or that lists none) and the address that was
// asked (in `local`, or that lists none); in none: kNoView. Only sets with a Choice (client_choice.h) look at views,
// and only when they are answered from: a name that nobody manages costs nothing. Prefixes are kept as ranges, each
// with the set of views that list it, one bit a view: finding takes two binary searches, however many prefixes and
// views there are. Immutable; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "zone/base/bytes.h"

namespace dns {

// An IPv4 (4 octets) or IPv6 (16 octets) prefix; bits behind `length` are zero.
struct Prefix {
  std::array<std::uint8_t, 16> address{};
  std::uint8_t size = 0;    // octets of the address: 4 or 16
  std::uint8_t length = 0;  // bits

  friend bool operator==(const Prefix&, const Prefix&) = default;
};

// Whether `address` (4 or 16 octets) lies in `prefix`. An IPv4-mapped IPv6 address counts as IPv4 (RFC 4291 2.5.5.2).
bool contains(const Prefix& prefix, Bytes address);

// The IPv4 address that an IPv4-mapped IPv6 address stands for; all others as they are.
Bytes unmapped(Bytes address);

// "10.0.0.0/8", "2001:db8::/32", "192.0.2.1"; nothing where it is neither, or has bits behind its length. A prefix of
// IPv4-mapped addresses is the IPv4 prefix.
std::optional<Prefix> parse_prefix(std::string_view text);
std::string to_text(const Prefix& prefix);

struct View {
  std::string name;
  std::vector<Prefix> clients;  // empty: all
  std::vector<Prefix> local;    // addresses of ours that were asked; empty: all

  friend bool operator==(const View&, const View&) = default;
};

inline constexpr std::uint8_t kNoView = 255;
inline constexpr std::size_t kMaxViews = 64;

// An address as a number, to be compared.
struct AddressNumber {
  std::uint64_t high = 0, low = 0;
  friend auto operator<=>(const AddressNumber&, const AddressNumber&) = default;
};

// Which views list an address of one family.
class ViewRanges {
 public:
  using Views = std::uint64_t;  // a bit a view

  // What `list` says of each view: View::clients or View::local.
  ViewRanges() = default;
  ViewRanges(std::span<const View> views, std::vector<Prefix> View::* list, std::size_t address_size);

  Views of(AddressNumber address) const;

 private:
  std::vector<AddressNumber> begins_;  // ascending; each range ends where the next begins
  std::vector<Views> views_;           // of each range
};

class ViewTable {
 public:
  explicit ViewTable(std::vector<View> views);  // at most kMaxViews

  // The index of the first view that has both; kNoView where none has. An empty address is in no list.
  std::uint8_t find(Bytes client, Bytes local) const;
  const std::vector<View>& views() const { return views_; }

 private:
  // Of clients or of our own addresses.
  struct Side {
    ViewRanges ipv4, ipv6;
    ViewRanges::Views unlisted = 0;  // views that list nothing, and take all
    ViewRanges::Views of(Bytes address) const;
  };
  static Side side_of(std::span<const View> views, std::vector<Prefix> View::* list);

  std::vector<View> views_;
  Side clients_, local_;
};

}  // namespace dns
