// A name as a string of small symbols whose plain order is the canonical order of names: the key of the tree.
//
//     www.example.   e x a m p l e |  w w w |  | | ...        `|` is kLabelEnd, the lowest symbol
//
// Labels stand from the root down, folded. A letter, digit, '-', '_' or '*' is one symbol; any other octet is two, the
// first of which names the octet's range, so that memcmp order of keys equals RFC 4034 6.1 order of names. Only a
// label's end is kLabelEnd (no second symbol takes its value), and a key reads as kLabelEnd beyond its end: no key is
// a prefix of another, and a parent sorts before all below it.
//
// There are exactly 48 symbols, so that a node's bitmap and its tag, offset and flags share one 64-bit word.
// A `Key` lives on the stack of one query; making one costs about a nanosecond an octet, without allocation. Where the
// zone is known before, as it is among few, only labels below its apex become symbols.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "zone/name/name.h"

namespace dns {

using Symbol = std::uint8_t;

inline constexpr Symbol kLabelEnd = 0;
inline constexpr unsigned kSymbols = 48;
// 253 octets of two symbols each and an end for one label is the longest; four labels of 63 make 510 symbols.
inline constexpr std::size_t kMaxKey = 528;  // and room to write in words

// How much of a name's end an apex takes.
struct ApexExtent {
  std::size_t labels;
  std::size_t octets;      // of those labels with their lengths, without the root's octet
  ApexExtent() = default;  // not initialised
  explicit ApexExtent(NameView apex) : labels(apex.labels()), octets(apex.size() - 1) {}
};

struct Key {
  Key() = default;
  explicit Key(NameView name) { assign(name); }
  void assign(NameView name) { assign_labels(name.bytes().first(name.size() - 1)); }
  // Of length-prefixed labels without the root's octet: a name relative to some apex.
  void assign_labels(Bytes relative) {
    begin_labels(relative);
    finish_labels(relative, relative.size(), 0);
  }

  // The same in two steps, for a name at or below an apex that is found between them. After the first there are the
  // places of labels; after the second what the apex's own tree looks at (KeyTail): the apex's labels have no symbols
  // and are not folded.
  void begin(NameView name) { begin_labels(name.bytes().first(name.size() - 1)); }
  void finish(NameView name, ApexExtent apex) {
    finish_labels(name.bytes(), name.size() - 1 - apex.octets, apex.labels);
  }

  // The symbol at `at`, kLabelEnd beyond the end.
  Symbol operator[](std::size_t at) const { return at < size ? symbols[at] : kLabelEnd; }
  // Symbols of the name that has only the last `count` labels of this one.
  std::size_t end_of(std::size_t count) const { return count == 0 ? 0 : label_end[count - 1]; }
  // How many whole labels, from the root down, lie within the first `common` symbols.
  std::size_t labels_within(std::size_t common) const;

  std::array<Symbol, kMaxKey> symbols;  // only the first `size` are set
  std::array<std::uint16_t, kMaxLabels>
      label_end;                                  // label_end[i]: symbols up to and with label i's end, root side first
  std::array<std::uint8_t, kMaxLabels> label_at;  // label_at[i]: where label i begins in `folded`, first label first
  std::array<std::uint8_t, kMaxName + 1> folded;  // the labels as they came, folded, without the root's octet
  std::uint16_t size = 0;
  std::uint8_t labels = 0;
  std::uint8_t folded_size = 0;

 private:
  void begin_labels(Bytes relative);
  void finish_labels(Bytes name, std::size_t octets, std::size_t apex_labels);
  void finish_any(Bytes name, std::size_t apex_labels);
};

// The symbol of `octet`, or the first of its two.
Symbol symbol_of(std::uint8_t octet);

// The first symbols of the key of `relative` (as above), label ends beyond its end.
void key_begin(Bytes relative, std::span<Symbol> out);

// How far another name goes along with a key.
struct KeyMatch {
  std::size_t common = 0;     // symbols that both share
  std::size_t labels = 0;     // whole labels behind the apex that both share
  Symbol symbol = kLabelEnd;  // the other name's at `common`
  bool ends = false;          // the other name ends there: it is the key's own or an ancestor's
};

// What lies behind an apex in the key of a name within it: the key of that apex's own tree, without being made anew.
class KeyTail {
 public:
  KeyTail() = default;  // nothing, and not initialised
  explicit KeyTail(const Key& key) : KeyTail(key, ApexExtent(NameView())) {}
  KeyTail(const Key& key, ApexExtent apex) : key_(&key), apex_(apex), begin_(key.end_of(apex.labels)) {}

  Symbol operator[](std::size_t at) const { return (*key_)[begin_ + at]; }
  std::size_t size() const { return key_->size - begin_; }
  std::span<const Symbol> symbols() const { return {key_->symbols.data() + begin_, size()}; }
  // True where a label of the name begins at symbol `at`, which is not beyond the end.
  bool label_starts_at(std::size_t at) const { return at == 0 || key_->symbols[begin_ + at - 1] == kLabelEnd; }

  std::size_t labels() const { return key_->labels - apex_.labels; }
  // Whole labels behind the apex within the first `common` symbols.
  std::size_t labels_within(std::size_t common) const { return key_->labels_within(begin_ + common) - apex_.labels; }
  // The symbols that the first `count` labels behind the apex take.
  std::size_t end_of(std::size_t count) const { return key_->end_of(apex_.labels + count) - begin_; }
  // The labels behind the apex in wire form, folded.
  Bytes folded() const { return {key_->folded.data(), key_->folded_size - apex_.octets}; }
  // How far `labels`, another name relative to the apex, go along.
  KeyMatch match(Bytes labels) const;

 private:
  const Key* key_;
  ApexExtent apex_;
  std::size_t begin_;
};

// The symbol that begins a "*" label: wildcards are looked for by it.
Symbol asterisk_symbol();

}  // namespace dns
