// The key of the tree: a name as a string of symbols whose lexicographic order is the canonical order of names.
//
//     www.example.   e x a m p l e |  w w w |  | | ...        `|` is kLabelEnd, the lowest symbol
//
// Labels run from the root down, in lower case. A letter, digit, '-', '_' or '*' is one symbol. Any other octet is two
// symbols, the first of which is a range of octets. The memcmp order of keys thereby equals the order of names in RFC
// 4034 6.1. kLabelEnd appears only at the end of a label (no second symbol has its value), and a key reads as kLabelEnd
// beyond its end. Consequently no key is a prefix of another, and a parent sorts before all names below it.
//
// There are exactly 48 symbols: the bitmap of a node, its tag, offset and flags fit into one 64-bit word. A `Key` lives
// on the stack for one query. Making one costs about a nanosecond for each octet and does not allocate. If the zone is
// known beforehand, as in a small set of zones, only the labels below its apex are converted.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "zone/name/name.h"

namespace dns {

using Symbol = std::uint8_t;

inline constexpr Symbol kLabelEnd = 0;
inline constexpr unsigned kSymbols = 48;
// The longest key has about 510 symbols: four long labels whose octets are two symbols each. The rest is space for
// writing in words.
inline constexpr std::size_t kMaxKey = 528;

// The size of an apex.
struct ApexExtent {
  std::size_t labels;
  std::size_t octets;      // of its labels in wire form, without the root label
  ApexExtent() = default;  // not initialised
  explicit ApexExtent(NameView apex) : labels(apex.labels()), octets(apex.size() - 1) {}
};

struct Key {
  Key() = default;
  explicit Key(NameView name) { assign(name); }
  void assign(NameView name) { assign_labels(name.bytes().first(name.size() - 1)); }
  // Converts length-prefixed labels without the root label: a name relative to some apex.
  void assign_labels(Bytes relative) {
    begin_labels(relative);
    finish_labels(relative, relative.size(), 0);
  }

  // The same in two steps, for a name whose zone is found between them. `begin` sets the positions of the labels.
  // `finish` sets what the tree of that zone needs (KeyTail): the labels of the apex get no symbols and are not folded.
  void begin(NameView name) { begin_labels(name.bytes().first(name.size() - 1)); }
  void finish(NameView name, ApexExtent apex) {
    finish_labels(name.bytes(), name.size() - 1 - apex.octets, apex.labels);
  }

  // The symbol at `at`; kLabelEnd beyond the end.
  Symbol operator[](std::size_t at) const { return at < size ? symbols[at] : kLabelEnd; }
  // The number of symbols of the name that consists of the last `count` labels.
  std::size_t end_of(std::size_t count) const { return count == 0 ? 0 : label_end[count - 1]; }
  // The number of whole labels, from the root down, within the first `common` symbols.
  std::size_t labels_within(std::size_t common) const;

  std::array<Symbol, kMaxKey> symbols;  // only the first `size` are set
  // label_end[i]: symbols up to and including the end of label i, counted from the root.
  std::array<std::uint16_t, kMaxLabels> label_end;
  std::array<std::uint8_t, kMaxLabels> label_at;  // label_at[i]: start of label i, from the first label, in `folded`
  std::array<std::uint8_t, kMaxName + 1> folded;  // the labels in wire form, folded, without the root label
  std::uint16_t size = 0;
  std::uint8_t labels = 0;
  std::uint8_t folded_size = 0;

 private:
  void begin_labels(Bytes relative);
  void finish_labels(Bytes name, std::size_t octets, std::size_t apex_labels);
  void finish_slowly(Bytes name, std::size_t apex_labels);
};

// The symbol of `octet`, or the first of its two symbols.
Symbol symbol_of(std::uint8_t octet);

// The first symbols of the key of `relative` (as above), filled with kLabelEnd beyond its end.
void key_begin(Bytes relative, std::span<Symbol> out);

// The common part of a key and another name.
struct KeyMatch {
  std::size_t common = 0;     // symbols that both share
  std::size_t labels = 0;     // whole labels below the apex that both share
  Symbol symbol = kLabelEnd;  // the symbol of the other name at `common`
  bool ends = false;          // the other name ends there: it is the same name or an ancestor
};

// The part of a key below an apex: the key of the name in the tree of that apex, without a conversion.
class KeyTail {
 public:
  KeyTail() = default;  // not initialised
  explicit KeyTail(const Key& key) : KeyTail(key, ApexExtent(NameView())) {}
  KeyTail(const Key& key, ApexExtent apex) : key_(&key), apex_(apex), begin_(key.end_of(apex.labels)) {}

  Symbol operator[](std::size_t at) const { return (*key_)[begin_ + at]; }
  std::size_t size() const { return key_->size - begin_; }
  std::span<const Symbol> symbols() const { return {key_->symbols.data() + begin_, size()}; }
  // True if a label of the name begins at symbol `at`. `at` is not beyond the end.
  bool label_starts_at(std::size_t at) const { return at == 0 || key_->symbols[begin_ + at - 1] == kLabelEnd; }

  std::size_t labels() const { return key_->labels - apex_.labels; }
  // The number of whole labels below the apex within the first `common` symbols.
  std::size_t labels_within(std::size_t common) const { return key_->labels_within(begin_ + common) - apex_.labels; }
  // The number of symbols of the first `count` labels below the apex.
  std::size_t end_of(std::size_t count) const { return key_->end_of(apex_.labels + count) - begin_; }
  // The labels below the apex in wire form, folded.
  Bytes folded() const { return {key_->folded.data(), key_->folded_size - apex_.octets}; }
  // Compares with `labels`, another name relative to the apex.
  KeyMatch match(Bytes labels) const;

 private:
  const Key* key_;
  ApexExtent apex_;
  std::size_t begin_;
};

// The symbol of "*". Wildcards are found with it.
Symbol asterisk_symbol();

}  // namespace dns
