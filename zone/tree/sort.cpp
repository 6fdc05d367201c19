#include "zone/tree/sort.h"

#include <algorithm>
#include <array>
#include <bit>

#include "zone/base/ascii.h"

namespace dns {
namespace {

constexpr unsigned kSymbolBits = 6;
static_assert(kSymbols <= 1U << kSymbolBits && KeyPart::kSymbolsEach * kSymbolBits <= 64);

// Eight symbols side by side at once: neighbours, then pairs of them, then fours.
std::uint64_t packed(const Symbol* symbols) {
  std::uint64_t word = load64(symbols);
  word = (word & 0x3f003f003f003f00) >> 2 | (word & 0x003f003f003f003f);
  word = (word & 0x0fff00000fff0000) >> 4 | (word & 0x00000fff00000fff);
  word = (word & 0x00ffffff00000000) >> 8 | (word & 0x0000000000ffffff);
  return word << 2 * kSymbolBits | std::uint64_t{symbols[8]} << kSymbolBits | symbols[9];
}
static_assert(kSymbolBits == 6 && KeyPart::kSymbolsEach == 10);

KeyPart part_at(const Key& key, std::size_t at) {
  std::array<Symbol, KeyPart::kSize> symbols;
  for (std::size_t i = 0; i < symbols.size(); ++i) symbols[i] = key[at + i];
  return KeyPart::of_symbols(symbols.data());
}

// Two label ends side by side stand beyond a key's end only.
bool has_ended(const KeyPart& part) { return (part.low & ((1U << 2 * kSymbolBits) - 1)) == 0; }

// `leaves` agree in all symbols before `at`, and their parts are of the symbols from there.
void sort_from(const TreeStore& store, std::span<LooseLeaf> leaves, std::size_t at) {
  const auto before = [](const LooseLeaf& a, const LooseLeaf& b) {
    if (a.part != b.part) return a.part < b.part;
    return a.run != b.run ? a.run < b.run : a.ref < b.ref;
  };
  if (!std::ranges::is_sorted(leaves, before)) std::ranges::sort(leaves, before);
  for (std::size_t first = 0; first < leaves.size();) {
    std::size_t last = first + 1;
    while (last < leaves.size() && leaves[last].part == leaves[first].part) ++last;
    const std::span<LooseLeaf> equal = leaves.subspan(first, last - first);
    const KeyPart part = equal.front().part;
    if (equal.size() > 1 && !has_ended(part)) {
      for (std::size_t i = 0; i < equal.size(); ++i) {
        if (i + kPrefetchAhead < equal.size()) __builtin_prefetch(store.words_at(equal[i + kPrefetchAhead].ref));
        Key key;
        key.assign_labels(store.owner(equal[i].leaf()));
        equal[i].part = part_at(key, at + KeyPart::kSize);
      }
      sort_from(store, equal, at + KeyPart::kSize);
      for (LooseLeaf& leaf : equal) leaf.part = part;
    }
    first = last;
  }
}

}  // namespace

KeyPart KeyPart::of_symbols(const Symbol* symbols) { return {packed(symbols), packed(symbols + kSymbolsEach)}; }

Symbol KeyPart::operator[](std::size_t at) const {
  const std::uint64_t word = at < kSymbolsEach ? high : low;
  const std::size_t from_end = kSymbolsEach - 1 - at % kSymbolsEach;
  return static_cast<Symbol>(word >> from_end * kSymbolBits & ((1U << kSymbolBits) - 1));
}

std::size_t KeyPart::common(const KeyPart& other) const {
  const bool in_high = high != other.high;
  const std::uint64_t differing = in_high ? high ^ other.high : low ^ other.low;
  const auto from_end = static_cast<std::size_t>(std::bit_width(differing) - 1) / kSymbolBits;
  return (in_high ? 0 : kSymbolsEach) + kSymbolsEach - 1 - from_end;
}

LooseLeaf LooseLeaf::of(Bytes owner, Node leaf, std::uint32_t run) {
  std::array<Symbol, KeyPart::kSize> symbols;
  key_begin(owner, symbols);
  LooseLeaf loose;
  loose.part = KeyPart::of_symbols(symbols.data());
  loose.ref = leaf.ref();
  loose.marks = static_cast<std::uint8_t>(leaf.marks());
  loose.run = run & 0xff'ffff;
  return loose;
}

void sort_leaves(const TreeStore& store, std::span<LooseLeaf> leaves) { sort_from(store, leaves, 0); }

Fork fork_of(const TreeStore& store, const LooseLeaf& before, const LooseLeaf& after) {
  if (before.part != after.part) {
    const std::size_t common = before.part.common(after.part);
    return {static_cast<unsigned>(common), before.part[common], after.part[common]};
  }
  const Bytes a = store.owner(before.leaf()), b = store.owner(after.leaf());
  if (equal_fold(a, b)) return {kMaxKey, kLabelEnd, kLabelEnd};
  Key x, y;
  x.assign_labels(a);
  y.assign_labels(b);
  std::size_t common = KeyPart::kSize;
  while (x[common] == y[common]) ++common;
  return {static_cast<unsigned>(common), x[common], y[common]};
}

}  // namespace dns
