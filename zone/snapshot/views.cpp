#include "zone/snapshot/views.h"

#include <algorithm>
#include <bit>

#include "zone/base/ascii.h"
#include "zone/base/result.h"
#include "zone/field/address.h"

namespace dns {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // RFC 4291 2.5.5.2

AddressNumber number_of(Bytes address) {
  if (address.size() == 4) return {0, load32(address.data())};
  return {load64(address.data()), load64(address.data() + 8)};
}

// The number 2^bits; `bits` is at most 127.
AddressNumber power_of_two(std::size_t bits) {
  return bits < 64 ? AddressNumber{0, std::uint64_t{1} << bits} : AddressNumber{std::uint64_t{1} << (bits - 64), 0};
}

AddressNumber sum(AddressNumber a, AddressNumber b) {
  const std::uint64_t low = a.low + b.low;
  return {a.high + b.high + (low < a.low ? 1 : 0), low};
}

bool is_zero_behind(const std::array<std::uint8_t, 16>& address, std::size_t size, std::size_t length) {
  for (std::size_t bit = length; bit < size * 8; ++bit)
    if ((address[bit / 8] >> (7 - bit % 8) & 1) != 0) return false;
  return true;
}

// One to three digits, a value of at most `most`.
std::optional<std::uint8_t> length_of(std::string_view text, std::size_t most) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::size_t value = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<std::size_t>(c - '0');
  }
  return value <= most ? std::optional(static_cast<std::uint8_t>(value)) : std::nullopt;
}

// The IPv4 prefix of a prefix of IPv4-mapped addresses; other prefixes unchanged.
Prefix unmapped(Prefix prefix) {
  if (prefix.size != 16 || prefix.length < 96 || !equal(Bytes(prefix.address).first(12), kMapped)) return prefix;
  Prefix inner{.address = {}, .size = 4, .length = static_cast<std::uint8_t>(prefix.length - 96)};
  std::copy_n(prefix.address.begin() + 12, 4, inner.address.begin());
  return inner;
}

// The begin or end of a range that a view lists.
struct Edge {
  AddressNumber at;
  std::size_t view = 0;
  int step = 0;  // 1: begins, -1: ends
};

std::vector<Edge> edges_of(std::span<const View> views, std::vector<Prefix> View::* list, std::size_t address_size) {
  std::vector<Edge> edges;
  for (std::size_t view = 0; view < views.size(); ++view) {
    for (const Prefix& prefix : views[view].*list) {
      if (prefix.size != address_size) continue;
      const AddressNumber begin = number_of(Bytes(prefix.address).first(prefix.size));
      edges.push_back({begin, view, 1});
      const std::size_t host_bits = address_size * 8 - prefix.length;
      const AddressNumber end = host_bits == 128 ? AddressNumber{} : sum(begin, power_of_two(host_bits));
      if (end > begin) edges.push_back({end, view, -1});  // otherwise the range ends at the last address
    }
  }
  std::ranges::sort(edges, {}, [](const Edge& edge) { return edge.at; });
  return edges;
}

}  // namespace

Bytes unmapped(Bytes address) {
  return address.size() == 16 && equal(address.first(12), kMapped) ? address.subspan(12) : address;
}

bool contains(const Prefix& prefix, Bytes address) {
  address = unmapped(address);
  if (address.size() != prefix.size) return false;
  const std::size_t whole = prefix.length / 8U, rest = prefix.length % 8U;
  if (!equal(address.first(whole), Bytes(prefix.address).first(whole))) return false;
  return rest == 0 || (address[whole] ^ prefix.address[whole]) >> (8 - rest) == 0;
}

std::optional<Prefix> parse_prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  Prefix prefix;
  if (parse_ipv4(address, prefix.address.data())) {
    prefix.size = 4;
  } else {
    prefix.address = {};
    if (!parse_ipv6(address, prefix.address.data())) return std::nullopt;
    prefix.size = 16;
  }
  prefix.length = static_cast<std::uint8_t>(prefix.size * 8);
  if (slash != std::string_view::npos) {
    const auto length = length_of(text.substr(slash + 1), prefix.length);
    if (!length) return std::nullopt;
    prefix.length = *length;
  }
  if (!is_zero_behind(prefix.address, prefix.size, prefix.length)) return std::nullopt;
  return unmapped(prefix);
}

std::string to_text(const Prefix& prefix) {
  std::string text;
  if (prefix.size == 4) append_ipv4(text, prefix.address.data());
  else append_ipv6(text, prefix.address.data());
  if (prefix.length == prefix.size * 8) return text;
  text += '/';
  text += std::to_string(prefix.length);
  return text;
}

ViewRanges::ViewRanges(std::span<const View> views, std::vector<Prefix> View::* list, std::size_t address_size) {
  std::array<std::size_t, kMaxViews> depth{};  // number of open prefixes of each view: prefixes may nest
  Views listed = 0;
  for (const Edge& edge : edges_of(views, list, address_size)) {
    depth[edge.view] += static_cast<std::size_t>(edge.step);
    const Views bit = Views{1} << edge.view;
    listed = depth[edge.view] != 0 ? listed | bit : listed & ~bit;
    if (begins_.empty() || begins_.back() != edge.at) {
      begins_.push_back(edge.at);
      views_.push_back(listed);
    } else {
      views_.back() = listed;
    }
  }
}

ViewRanges::Views ViewRanges::of(AddressNumber address) const {
  const auto behind = std::ranges::upper_bound(begins_, address);
  return behind == begins_.begin() ? 0 : views_[static_cast<std::size_t>(behind - begins_.begin()) - 1];
}

ViewLists::ViewLists(std::span<const View> views, std::vector<Prefix> View::* list) {
  require(views.size() <= kMaxViews, "there are at most kMaxViews views");
  ipv4_ = {views, list, 4};
  ipv6_ = {views, list, 16};
  for (std::size_t view = 0; view < views.size(); ++view)
    if ((views[view].*list).empty()) unlisted_ |= ViewRanges::Views{1} << view;
}

ViewRanges::Views ViewLists::of(Bytes address) const {
  address = unmapped(address);
  if (address.empty()) return unlisted_;
  return unlisted_ | (address.size() == 4 ? ipv4_ : ipv6_).of(number_of(address));
}

ViewTable::ViewTable(std::vector<View> views)
    : views_(std::move(views)), clients_(views_, &View::clients), local_(views_, &View::local) {}

std::uint8_t ViewTable::find(Bytes client, Bytes local) const {
  const ViewRanges::Views both = clients_.of(client) & local_.of(local);
  return both == 0 ? kNoView : static_cast<std::uint8_t>(std::countr_zero(both));
}

}  // namespace dns
