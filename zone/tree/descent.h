// From the root to a leaf, once: everything that is asked of a name follows from the leaf that is reached.
//
//     key  e x a m p l e | w w w |         Where a twig is missing the first is taken and the walk goes on: all below
//     leaf e x a m p l e | m a i l |       share as much of the key as any leaf does. So the leaf reached has the
//     longest
//                          ^ common        common prefix with the key, and ONE comparison, at the end, gives `common`.
//
// With `common` known:
//   - the name exists where all of it is common (exactly, or as an empty non-terminal: names lie below it);
//   - its closest encloser is what remains of it up to the last label end within `common` (RFC 4592 3.3.1);
//   - an ancestor that owns records is a leaf: the twig "label end" of a branch that stands at a label's start, or the
//   leaf
//     reached itself. A descent remembers the topmost that bears a mark asked for, without touching any record;
//   - wildcard and predecessor hang off nodes of the same path, which a second walk finds in the cache.
//
// A `Descent` can be stepped, so that many go down together and wait for memory at the same time.
// Pure readers: any thread, no allocation. Cost: a cache line a level (8 levels at 10 million names) and one for the
// record.
#pragma once

#include "zone/tree/store.h"

namespace dns {

class Descent {
 public:
  Descent() = default;  // nothing, and not initialised
  // `root` and `tail`'s key outlive the descent. Ancestors with one of `marks` are looked out for. `root` is not null.
  Descent(const TreeStore& store, const Node& root, const KeyTail& tail, std::uint64_t marks)
      : store_(&store),
        symbols_(tail.symbols().data()),
        size_(static_cast<std::uint32_t>(tail.size())),
        at_(&root),
        marks_(marks) {}

  bool at_leaf() const { return at_->is_leaf(); }
  Node node() const { return *at_; }

  static constexpr std::size_t kRecordWords = 12;  // of an owner and a few sets: more often than not into a second line

  // One level down.
  void step() {
    parent_ = at_;
    at_ = next(*at_);
  }
  void run() {
    while (!at_leaf()) step();
  }

  // The same for many at once: asks memory for the next level, or, at the leaf, for its record, and says false.
  bool advance() {
    if (at_leaf()) {
      const std::uint32_t* const record = store_->words_at(at_->ref());
      __builtin_prefetch(record);
      __builtin_prefetch(record + kRecordWords);
      return false;
    }
    step();
    __builtin_prefetch(at_);
    return true;
  }

  // The topmost ancestor leaf with one of the marks, null where none was passed; it counts only where its offset is not
  // beyond `common`.
  Node marked() const { return marked_; }
  unsigned marked_at() const { return marked_at_; }
  // The branch under which lie exactly the names at and below the marked one.
  Node marked_below() const { return marked_below_; }
  // The branch from which the leaf hangs; null where it is the root.
  Node parent() const { return parent_ == nullptr ? Node() : *parent_; }

 private:
  const Node* next(Node node) {
    const unsigned offset = node.offset();
    const Symbol symbol = offset < size_ ? symbols_[offset] : kLabelEnd;
    const Node* const twigs = store_->cell_at(node.ref());
    if (symbol != kLabelEnd && node.has(kLabelEnd)) note_ancestor(node, *twigs);
    return node.has(symbol) ? twigs + node.place(symbol) : twigs;
  }
  // Where the key has a label starting, the branch's twig for "the name ends here" is the leaf of an ancestor.
  void note_ancestor(Node branch, Node leaf) {
    const unsigned offset = branch.offset();
    if (marked_.is_null() && (offset == 0 || symbols_[offset - 1] == kLabelEnd) && (leaf.marks() & marks_) != 0) {
      marked_ = leaf;
      marked_below_ = branch;
      marked_at_ = offset;
    }
  }

  const TreeStore* store_;
  const Symbol* symbols_;  // of the key behind the apex
  std::uint32_t size_;
  std::uint32_t marked_at_ = 0;
  const Node* at_;
  const Node* parent_ = nullptr;
  std::uint64_t marks_;
  Node marked_, marked_below_;
};

// Runs all to their leaves, a level of each in turn, so that their cache misses overlap; at most
// `kInterleavedDescents`.
inline constexpr std::size_t kInterleavedDescents = 32;  // more gain nothing: as many misses as a core keeps in flight
void run_interleaved(std::span<Descent> descents);

// True where `leaf` is the key's own.
bool leaf_is(const TreeStore& store, Node leaf, const KeyTail& tail);

// How the leaf that a descent reached relates to the key.
struct LeafMatch {
  bool exact = false;      // the leaf is the key's
  bool ancestor = false;   // the leaf's name lies above the key's
  std::size_t common = 0;  // symbols that both share; the key's size where exact
  std::size_t labels = 0;  // whole labels among them
  Symbol leaf_symbol = 0;  // the leaf's symbol at `common`
};
LeafMatch compare_leaf(const TreeStore& store, Node leaf, const KeyTail& tail);

// "*." below the name that the first `encloser` labels behind the apex make. That name exists: the closest encloser.
struct Wildcard {
  Node leaf;            // null where it owns no records
  bool exists = false;  // it owns records, or it is an empty non-terminal: names lie below it
};
Wildcard find_wildcard(const TreeStore& store, Node root, const KeyTail& tail, std::size_t encloser);

// The last leaf before the key in canonical order; null where none is. `match` is of the leaf that the key's descent
// reached.
Node find_before(const TreeStore& store, Node root, const KeyTail& tail, const LeafMatch& match);

// The deepest leaf that is an ancestor of the key's name, or, where `limit` allows, the name itself: its symbols are at
// most `limit`.
Node find_deepest(const TreeStore& store, Node root, const KeyTail& tail, std::size_t limit);

// The node under which lie exactly the names at and below the key's; null where there are none.
Node find_subtree(const TreeStore& store, Node root, const KeyTail& tail);

Node first_leaf(const TreeStore& store, Node node);
Node last_leaf(const TreeStore& store, Node node);

// Visits leaves in canonical order until `visit(Node)` returns false; false where it did. Depth is bounded by kMaxKey.
template <class Visit>
bool visit_leaves(const TreeStore& store, Node node, Visit&& visit) {
  if (node.is_null()) return true;
  if (node.is_leaf()) return visit(node);
  // Records lie in the order in which they came, which need not be this one: ask for those of a branch together.
  for (unsigned place = 0; place < node.twigs(); ++place) {
    const Node twig = store.twig(node, place);
    if (twig.is_leaf()) __builtin_prefetch(store.words_at(twig.ref()));
    else __builtin_prefetch(store.cell_at(twig.ref()));
  }
  for (unsigned place = 0; place < node.twigs(); ++place)
    if (!visit_leaves(store, store.twig(node, place), visit)) return false;
  return true;
}

}  // namespace dns
