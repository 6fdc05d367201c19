// Views: groups of clients, selected by the client's prefix and by the local address that received the query.
//
//     views, in the operator's order:   closed: clients 10.0.0.0/8, at 10.1.0.53        public: all other clients
//
// A client belongs to the first view whose `clients` list contains its address and whose `local` list contains the
// local address; an empty list contains all addresses. Without such a view it has kNoView. Only RRsets with a client
// choice (client_choice.h) use views, so other names pay no cost. Prefixes are stored as ranges, each with a bit mask
// of the views that list it: a lookup takes two binary searches, for any number of prefixes and views. Immutable; any
// thread.
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

// The IPv4 address of an IPv4-mapped IPv6 address; other addresses unchanged.
Bytes unmapped(Bytes address);

// "10.0.0.0/8", "2001:db8::/32", "192.0.2.1"; nothing for other text or if bits behind the length are set. A prefix of
// IPv4-mapped addresses becomes the IPv4 prefix.
std::optional<Prefix> parse_prefix(std::string_view text);
std::string to_text(const Prefix& prefix);

struct View {
  std::string name;
  std::vector<Prefix> clients;  // empty: all
  std::vector<Prefix> local;    // local addresses that receive the query; empty: all

  friend bool operator==(const View&, const View&) = default;
};

inline constexpr std::uint8_t kNoView = 255;
inline constexpr std::size_t kMaxViews = 64;

// An address as a number, for comparisons.
struct AddressNumber {
  std::uint64_t high = 0, low = 0;
  friend auto operator<=>(const AddressNumber&, const AddressNumber&) = default;
};

// Which views list an address of one family.
class ViewRanges {
 public:
  using Views = std::uint64_t;  // one bit for each view

  // `list` is View::clients or View::local.
  ViewRanges() = default;
  ViewRanges(std::span<const View> views, std::vector<Prefix> View::* list, std::size_t address_size);

  Views of(AddressNumber address) const;

 private:
  std::vector<AddressNumber> begins_;  // ascending; each range ends where the next begins
  std::vector<Views> views_;           // of each range
};

// The same for both families, and for empty lists, which contain all addresses.
class ViewLists {
 public:
  ViewLists() = default;
  ViewLists(std::span<const View> views, std::vector<Prefix> View::* list);  // at most kMaxViews

  // The views whose list contains the address; an empty address is in no list that has prefixes.
  ViewRanges::Views of(Bytes address) const;

 private:
  ViewRanges ipv4_, ipv6_;
  ViewRanges::Views unlisted_ = 0;  // views with an empty list
};

class ViewTable {
 public:
  explicit ViewTable(std::vector<View> views);  // at most kMaxViews

  // The index of the first view that contains both; kNoView if there is none. An empty address is in no list.
  std::uint8_t find(Bytes client, Bytes local) const;
  const std::vector<View>& views() const { return views_; }

 private:
  std::vector<View> views_;
  ViewLists clients_, local_;
};

}  // namespace dns
