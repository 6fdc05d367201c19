// The differences between two trees, leaf by leaf in canonical order.
//
// Two versions in one store share all subtrees that no edit between them changed. Equal nodes are equal subtrees and
// are skipped; the cost depends on the number of differences, not on the size of the trees. Trees in two stores share
// nothing and are both walked completely. Any thread that may read both versions.
#pragma once

#include <vector>

#include "zone/tree/descent.h"

namespace dns {

// The relation between the keys below two nodes.
struct Divergence {
  static constexpr std::size_t kEqualKeys = ~std::size_t{0};
  std::size_t common = 0;  // symbols that the first leaves of both share; kEqualKeys if their keys are equal
  bool a_first = false;    // `a` has the lower symbol at `common`
  // The symbols of these keys at the lesser offset of the two nodes.
  Symbol a_symbol = 0, b_symbol = 0;
};
Divergence divergence_of(const TreeStore& a_store, Node a, const TreeStore& b_store, Node b);

// Calls `visit(Node a, Node b)` for each leaf that only one tree has (the other node is null), and for leaves of equal
// keys that are different nodes.
template <class Visit>
class DifferenceWalk {
 public:
  DifferenceWalk(const TreeStore& store, Visit& visit) : store_(store), visit_(visit) {}

  void walk(Node a, Node b) {
    if (a == b) return;
    if (a.is_null() || b.is_null()) return only(a, b);
    const bool twins = a.is_branch() && b.is_branch() && a.offset() == b.offset();
    // A common first twig proves that all keys below both nodes have the same beginning.
    if (twins && store_.twig(a, 0) == store_.twig(b, 0)) return pairwise(a, b);

    const Divergence divergence = divergence_of(store_, a, store_, b);
    const std::size_t a_offset = offset_of(a), b_offset = offset_of(b);
    if (divergence.common < a_offset && divergence.common < b_offset) return apart(a, b, divergence.a_first);
    if (a.is_leaf() && b.is_leaf()) return static_cast<void>(visit_(a, b));
    if (a_offset == b_offset) return pairwise(a, b);
    if (a_offset < b_offset) return nested(a, b, divergence.b_symbol, [this](Node x, Node y) { walk(x, y); });
    nested(b, a, divergence.a_symbol, [this](Node x, Node y) { walk(y, x); });
  }

 private:
  static std::size_t offset_of(Node node) { return node.is_branch() ? node.offset() : Divergence::kEqualKeys; }

  void only(Node a, Node b) {
    visit_leaves(store_, a, [this](Node leaf) { return visit_(leaf, Node()), true; });
    visit_leaves(store_, b, [this](Node leaf) { return visit_(Node(), leaf), true; });
  }
  void apart(Node a, Node b, bool a_first) {
    if (a_first) only(a, {});
    only({}, b);
    if (!a_first) only(a, {});
  }
  Node twig_or_null(Node branch, Symbol symbol) const {
    return branch.has(symbol) ? store_.twig(branch, branch.place(symbol)) : Node();
  }
  void pairwise(Node a, Node b) {
    for (std::uint64_t left = a.bitmap() | b.bitmap(); left != 0; left &= left - 1) {
      const auto symbol = static_cast<Symbol>(std::countr_zero(left));
      walk(twig_or_null(a, symbol), twig_or_null(b, symbol));
    }
  }
  // All of `inner` lies at the twig `symbol` of `outer`, which may not exist.
  template <class Walk>
  void nested(Node outer, Node inner, Symbol symbol, Walk&& pair) {
    for (std::uint64_t left = outer.bitmap() | std::uint64_t{1} << symbol; left != 0; left &= left - 1) {
      const auto at = static_cast<Symbol>(std::countr_zero(left));
      pair(twig_or_null(outer, at), at == symbol ? inner : Node());
    }
  }

  const TreeStore& store_;
  Visit& visit_;
};

// The same for trees in different stores.
template <class Visit>
void visit_merged(const TreeStore& a_store, Node a, const TreeStore& b_store, Node b, Visit&& visit) {
  std::vector<Node> a_leaves, b_leaves;
  visit_leaves(a_store, a, [&](Node leaf) { return a_leaves.push_back(leaf), true; });
  visit_leaves(b_store, b, [&](Node leaf) { return b_leaves.push_back(leaf), true; });
  auto x = a_leaves.begin();
  auto y = b_leaves.begin();
  while (x != a_leaves.end() && y != b_leaves.end()) {
    const Divergence divergence = divergence_of(a_store, *x, b_store, *y);
    const bool equal = divergence.common == Divergence::kEqualKeys;
    visit(equal || divergence.a_first ? *x : Node(), equal || !divergence.a_first ? *y : Node());
    if (equal || divergence.a_first) ++x;
    if (equal || !divergence.a_first) ++y;
  }
  for (; x != a_leaves.end(); ++x) visit(*x, Node());
  for (; y != b_leaves.end(); ++y) visit(Node(), *y);
}

}  // namespace dns
