#include "zone/tree/sort.h"

#include <algorithm>

namespace dns {
namespace {

constexpr unsigned kSymbolBits = 6;
constexpr std::size_t kPartSymbols = 10;
static_assert(kSymbols <= 1U << kSymbolBits && kPartSymbols * kSymbolBits <= 64);

std::uint64_t part_at(const Key& key, std::size_t at) {
  std::uint64_t part = 0;
  for (std::size_t i = 0; i < kPartSymbols; ++i) part = part << kSymbolBits | key[at + i];
  return part;
}

// Two label ends side by side stand beyond a key's end only.
bool has_ended(std::uint64_t part) { return (part & ((1U << 2 * kSymbolBits) - 1)) == 0; }

// `leaves` agree in all symbols before `at`, and their parts are of the symbols from there.
void sort_from(const TreeStore& store, std::span<LooseLeaf> leaves, std::size_t at) {
  std::ranges::sort(leaves, {}, &LooseLeaf::part);
  for (std::size_t first = 0; first < leaves.size();) {
    std::size_t last = first + 1;
    while (last < leaves.size() && leaves[last].part == leaves[first].part) ++last;
    const std::span<LooseLeaf> equal = leaves.subspan(first, last - first);
    if (equal.size() > 1 && has_ended(equal.front().part)) {
      std::ranges::sort(equal, {}, &LooseLeaf::ref);
    } else if (equal.size() > 1) {
      for (std::size_t i = first; i < last; ++i) {
        if (i + kPrefetchAhead < leaves.size()) __builtin_prefetch(store.words_at(leaves[i + kPrefetchAhead].ref));
        Key key;
        key.assign_labels(store.owner(leaves[i].leaf()));
        leaves[i].part = part_at(key, at + kPartSymbols);
      }
      sort_from(store, equal, at + kPartSymbols);
    }
    first = last;
  }
}

}  // namespace

LooseLeaf LooseLeaf::of(const Key& key, Node leaf) {
  return {part_at(key, 0), leaf.ref(), static_cast<std::uint32_t>(leaf.marks())};
}

LooseLeaf LooseLeaf::of(const TreeStore& store, Node leaf) {
  Key key;
  key.assign_labels(store.owner(leaf));
  return of(key, leaf);
}

void sort_leaves(const TreeStore& store, std::span<LooseLeaf> leaves) { sort_from(store, leaves, 0); }

}  // namespace dns
