#include "zone/tree/sort.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "zone/base/ascii.h"

namespace dns {
namespace {

constexpr unsigned kSymbolBits = 6;
constexpr std::size_t kFewLeaves = 48;
constexpr unsigned kDigitBits = 8;
constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;
static_assert(kSymbols <= 1U << kSymbolBits && KeyPart::kSymbolsEach * kSymbolBits <= 64);

// Packs eight symbols at once: neighbours, then pairs, then groups of four.
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

// Two label ends side by side exist only beyond the end of a key.
bool has_ended(const KeyPart& part) { return (part.low & ((1U << 2 * kSymbolBits) - 1)) == 0; }

bool comes_before(const UnsortedLeaf& a, const UnsortedLeaf& b) {
  if (a.part != b.part) return a.part < b.part;
  return a.run != b.run ? a.run < b.run : a.ref < b.ref;
}

// Sorts in place, by digits from the first at which any two differ (McIlroy, Bostic and McIlroy, "Engineering Radix
// Sort", 1993). A few leaves are sorted by comparison.
void sort_parts(std::span<UnsortedLeaf> leaves) {
  std::uint64_t in_any = 0, in_all = ~std::uint64_t{0};
  for (const UnsortedLeaf& leaf : leaves) {
    in_any |= leaf.part.high;
    in_all &= leaf.part.high;
  }
  const auto differing = static_cast<unsigned>(std::bit_width(in_any ^ in_all));
  if (leaves.size() <= kFewLeaves || in_any == in_all) {
    std::ranges::sort(leaves, comes_before);
    return;
  }
  const unsigned shift = differing - std::min(differing, kDigitBits);
  const auto digit = [shift](const UnsortedLeaf& leaf) { return leaf.part.high >> shift & (kDigits - 1); };
  std::array<std::size_t, kDigits> next{}, end{};
  for (const UnsortedLeaf& leaf : leaves) ++end[digit(leaf)];
  std::size_t sum = 0;
  for (std::size_t i = 0; i < kDigits; ++i) {
    next[i] = sum;
    end[i] = sum += end[i];
  }
  for (std::size_t own = 0; own < kDigits; ++own) {
    while (next[own] < end[own]) {
      UnsortedLeaf leaf = leaves[next[own]];
      for (std::size_t place = digit(leaf); place != own; place = digit(leaf)) std::swap(leaf, leaves[next[place]++]);
      leaves[next[own]++] = leaf;
    }
  }
  for (std::size_t i = 0, first = 0; i < kDigits; first = end[i++])
    if (end[i] - first > 1) sort_parts(leaves.subspan(first, end[i] - first));
}

// All `leaves` agree in the symbols before `at`, and their parts hold the symbols from there.
void sort_from(const TreeStore& store, std::span<UnsortedLeaf> leaves, std::size_t at) {
  if (!std::ranges::is_sorted(leaves, comes_before)) sort_parts(leaves);
  for (std::size_t first = 0; first < leaves.size();) {
    std::size_t last = first + 1;
    while (last < leaves.size() && leaves[last].part == leaves[first].part) ++last;
    const std::span<UnsortedLeaf> equal = leaves.subspan(first, last - first);
    const KeyPart part = equal.front().part;
    if (equal.size() > 1 && !has_ended(part)) {
      for (std::size_t i = 0; i < equal.size(); ++i) {
        if (i + kPrefetchAhead < equal.size()) __builtin_prefetch(store.words_at(equal[i + kPrefetchAhead].ref));
        Key key;
        key.assign_labels(store.owner(equal[i].leaf()));
        equal[i].part = part_at(key, at + KeyPart::kSize);
      }
      sort_from(store, equal, at + KeyPart::kSize);
      for (UnsortedLeaf& leaf : equal) leaf.part = part;
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

KeyPart KeyPart::first(std::size_t count) const {
  const auto kept = [](std::uint64_t word, std::size_t symbols) {
    return symbols == kSymbolsEach
               ? word
               : word >> (kSymbolsEach - symbols) * kSymbolBits << (kSymbolsEach - symbols) * kSymbolBits;
  };
  return {kept(high, std::min(count, kSymbolsEach)), kept(low, count - std::min(count, kSymbolsEach))};
}

std::size_t KeyPart::common(const KeyPart& other) const {
  const bool in_high = high != other.high;
  const std::uint64_t differing = in_high ? high ^ other.high : low ^ other.low;
  const auto from_end = static_cast<std::size_t>(std::bit_width(differing) - 1) / kSymbolBits;
  return (in_high ? 0 : kSymbolsEach) + kSymbolsEach - 1 - from_end;
}

UnsortedLeaf UnsortedLeaf::of(Bytes owner, Node leaf, std::uint32_t run) {
  std::array<Symbol, KeyPart::kSize> symbols;
  key_begin(owner, symbols);
  UnsortedLeaf unsorted;
  unsorted.part = KeyPart::of_symbols(symbols.data());
  unsorted.ref = leaf.ref();
  unsorted.marks = static_cast<std::uint8_t>(leaf.marks());
  unsorted.run = run & 0xff'ffff;
  return unsorted;
}

void sort_leaves(const TreeStore& store, std::span<UnsortedLeaf> leaves) { sort_from(store, leaves, 0); }

BranchPoint branch_point_of(const TreeStore& store, const UnsortedLeaf& before, const UnsortedLeaf& after) {
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
