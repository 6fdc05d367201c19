// Who sees what: views of clients, told apart by the client's prefix and by the address of ours that was asked.
//
//     views, in the operator's order:   closed: clients 10.0.0.0/8, at 10.1.0.53        public: everybody else
//
// A client is in the first view that lists its address (in `clients`, or that lists none) and the address that was asked (in
// `local`, or that lists none); in none: kNoView. Only sets with a Choice (choice.h) look at views, and only when
// they are answered from: a name that nobody manages costs nothing. Immutable; any thread.
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
  std::uint8_t size = 0;     // octets of the address: 4 or 16
  std::uint8_t length = 0;   // bits

  friend bool operator==(const Prefix&, const Prefix&) = default;
};

// Whether `address` (4 or 16 octets) lies in `prefix`. An IPv4-mapped IPv6 address counts as IPv4 (RFC 4291 2.5.5.2).
bool contains(const Prefix& prefix, Bytes address);

// "10.0.0.0/8", "2001:db8::/32", "192.0.2.1"; nothing where it is neither, or has bits behind its length.
std::optional<Prefix> parse_prefix(std::string_view text);
std::string to_text(const Prefix& prefix);

struct View {
  std::string name;
  std::vector<Prefix> clients;   // empty: all
  std::vector<Prefix> local;     // addresses of ours that were asked; empty: all

  friend bool operator==(const View&, const View&) = default;
};

inline constexpr std::uint8_t kNoView = 255;
inline constexpr std::size_t kMaxViews = 64;

class ViewTable {
 public:
  explicit ViewTable(std::vector<View> views);   // at most kMaxViews

  // The index of the first view that has both; kNoView where none has.
  std::uint8_t find(Bytes client, Bytes local) const;
  const std::vector<View>& views() const { return views_; }

 private:
  std::vector<View> views_;
};

}  // namespace dns
