// A descent from the root to one leaf. That leaf answers all questions about a name.
//
//     key  e x a m p l e | w w w |       If a twig is missing, the descent takes the first twig: all leaves below share
//     leaf e x a m p l e | m a i l |     as much of the key as any leaf does. The leaf it reaches has the longest
//                          ^ common      common prefix with the key, and ONE comparison at the end gives `common`.
//
// `common` then gives the rest:
//   - The name exists if all of it is common: as a leaf, or as an empty non-terminal with names below it.
//   - The closest encloser is the part of the name up to the last label end within `common` (RFC 4592 3.3.1).
//   - An ancestor that owns records is a leaf: the "label end" twig of a branch at the start of a label, or the leaf
//     that was reached. A descent stores the topmost ancestor with a given mark, without reading any record.
//   - Wildcard and predecessor are near the same path; a second walk finds its nodes in the cache.
//
// A `Descent` advances in steps: many descents can run interleaved and wait for memory at the same time. Read-only: any
// thread, no allocation. Cost: one cache line for each level (8 levels at 10 million names) and one for the record.
#pragma once

#include "zone/tree/store.h"

namespace dns {

class Descent {
 public:
  Descent() = default;  // not initialised
  // `root` and the key of `tail` must outlive the descent. `root` is not null. The descent stores the topmost ancestor
  // with one of `marks`.
  Descent(const TreeStore& store, const Node& root, const KeyTail& tail, std::uint64_t marks)
      : store_(&store),
        symbols_(tail.symbols().data()),
        size_(static_cast<std::uint32_t>(tail.size())),
        at_(&root),
        marks_(marks) {}

  bool at_leaf() const { return at_->is_leaf(); }
  Node node() const { return *at_; }

  // Words of a record with an owner and a few RRsets: it often extends into a second cache line.
  static constexpr std::size_t kRecordWords = 12;

  // Goes one level down.
  void step() {
    parent_ = at_;
    at_ = next(*at_);
  }
  void run() {
    while (!at_leaf()) step();
  }

  // One step of an interleaved descent: prefetches the next level. At the leaf it prefetches the record and returns
  // false.
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

  // The topmost ancestor leaf with one of the marks; null if there is none. It is an ancestor only if `marked_at` is at
  // most `common`.
  Node marked() const { return marked_; }
  unsigned marked_at() const { return marked_at_; }
  // The branch that holds exactly the names at and below the marked one.
  Node marked_below() const { return marked_below_; }
  // The branch above the leaf; null if the leaf is the root.
  Node parent() const { return parent_ == nullptr ? Node() : *parent_; }

 private:
  const Node* next(Node node) {
    const unsigned offset = node.offset();
    const Symbol symbol = offset < size_ ? symbols_[offset] : kLabelEnd;
    const Node* const twigs = store_->cell_at(node.ref());
    if (symbol != kLabelEnd && node.has(kLabelEnd)) note_ancestor(node, *twigs);
    return node.has(symbol) ? twigs + node.place(symbol) : twigs;
  }
  // If a label of the key starts here, the twig for "the name ends here" is the leaf of an ancestor.
  void note_ancestor(Node branch, Node leaf) {
    const unsigned offset = branch.offset();
    if (marked_.is_null() && (offset == 0 || symbols_[offset - 1] == kLabelEnd) && (leaf.marks() & marks_) != 0) {
      marked_ = leaf;
      marked_below_ = branch;
      marked_at_ = offset;
    }
  }

  const TreeStore* store_;
  const Symbol* symbols_;  // of the key below the apex
  std::uint32_t size_;
  std::uint32_t marked_at_ = 0;
  const Node* at_;
  const Node* parent_ = nullptr;
  std::uint64_t marks_;
  Node marked_, marked_below_;
};

// More gain nothing: a core cannot have more cache misses in flight.
inline constexpr std::size_t kInterleavedDescents = 32;
// Runs all descents to their leaves, one level of each in turn, so that their cache misses overlap. At most
// `kInterleavedDescents`.
void run_interleaved(std::span<Descent> descents);

// True if `leaf` belongs to the key.
bool leaf_is(const TreeStore& store, Node leaf, const KeyTail& tail);

// The leaf that a descent reached, compared with the key.
struct LeafMatch {
  bool exact = false;      // the leaf belongs to the key
  bool ancestor = false;   // the name of the leaf is an ancestor of the key's name
  std::size_t common = 0;  // symbols that both share; the size of the key if exact
  std::size_t labels = 0;  // whole labels among them
  Symbol leaf_symbol = 0;  // symbol of the leaf at `common`
};
LeafMatch compare_leaf(const TreeStore& store, Node leaf, const KeyTail& tail);

// The wildcard below the closest encloser, which consists of the first `encloser` labels below the apex and exists.
struct Wildcard {
  Node leaf;            // null if it owns no records
  bool exists = false;  // it owns records, or it is an empty non-terminal
};
Wildcard find_wildcard(const TreeStore& store, Node root, const KeyTail& tail, std::size_t encloser);

// The last leaf before the key in canonical order; null if there is none. `match` belongs to the leaf that the descent
// of the key reached.
Node find_before(const TreeStore& store, Node root, const KeyTail& tail, const LeafMatch& match);

// The deepest leaf that is an ancestor of the name of the key, and has at most `limit` symbols. If `limit` allows, the
// name itself.
Node find_deepest(const TreeStore& store, Node root, const KeyTail& tail, std::size_t limit);

// The node that holds exactly the names at and below the key; null if there are none.
Node find_subtree(const TreeStore& store, Node root, const KeyTail& tail);

Node first_leaf(const TreeStore& store, Node node);
Node last_leaf(const TreeStore& store, Node node);

// Visits leaves in canonical order until `visit(Node)` returns false; returns false in that case. kMaxKey limits the
// depth.
template <class Visit>
bool visit_leaves(const TreeStore& store, Node node, Visit&& visit) {
  if (node.is_null()) return true;
  if (node.is_leaf()) return visit(node);
  // Records lie in the order in which they were added, not in this order: prefetch those of a branch together.
  for (unsigned place = 0; place < node.twigs(); ++place) {
    const Node twig = store.twig(node, place);
    if (twig.is_leaf()) __builtin_prefetch(store.words_at(twig.ref()));
    else __builtin_prefetch(store.cell_at(twig.ref()));
  }
  for (unsigned place = 0; place < node.twigs(); ++place)
    if (!visit_leaves(store, store.twig(node, place), visit)) return false;
  return true;
}

// The same from the leaf of the key on, or from the next one behind it. `match` belongs to the leaf that the descent of
// the key reached.
template <class Visit>
bool visit_leaves_from(const TreeStore& store, Node node, const KeyTail& tail, const LeafMatch& match, Visit&& visit) {
  if (!node.is_branch() || (!match.exact && node.offset() > match.common)) {
    // All that is left shares `common` symbols with the key and lies completely before or behind it.
    return (!match.exact && match.leaf_symbol < tail[match.common]) || visit_leaves(store, node, visit);
  }
  const Symbol symbol = tail[node.offset()];
  unsigned place = node.place(symbol);
  if (node.has(symbol) && !visit_leaves_from(store, store.twig(node, place++), tail, match, visit)) return false;
  for (; place < node.twigs(); ++place)
    if (!visit_leaves(store, store.twig(node, place), visit)) return false;
  return true;
}

}  // namespace dns
