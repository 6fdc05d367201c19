#include "zone/tree/descent.h"

#include <array>

#include "zone/base/ascii.h"

namespace dns {

void run_interleaved(std::span<Descent> descents) {
  std::array<Descent*, kInterleavedDescents> live;
  std::size_t count = 0;
  for (Descent& descent : descents) {
    live[count] = &descent;
    count += descent.advance() ? 1 : 0;
  }
  while (count > 0) {
    std::size_t left = 0;
    for (std::size_t i = 0; i < count; ++i) {
      Descent* const descent = live[i];
      live[left] = descent;
      left += descent->advance() ? 1 : 0;
    }
    count = left;
  }
}

bool leaf_is(const TreeStore& store, Node leaf, const KeyTail& tail) {
  return equal_fold(store.owner(leaf), tail.folded());
}

LeafMatch compare_leaf(const TreeStore& store, Node leaf, const KeyTail& tail) {
  const Bytes owner = store.owner(leaf);
  if (equal_fold(owner, tail.folded())) return {.exact = true, .common = tail.size(), .labels = tail.labels()};
  const KeyMatch match = tail.match(owner);
  return {.ancestor = match.ends, .common = match.common, .labels = match.labels, .leaf_symbol = match.symbol};
}

Wildcard find_wildcard(const TreeStore& store, Node root, const KeyTail& tail, std::size_t encloser) {
  const std::size_t end = tail.end_of(encloser);
  Node node = root;
  while (node.is_branch() && node.offset() < end) node = store.twig(node, node.place(tail[node.offset()]));
  // All names below `node` begin with the symbols of the encloser. Those of the wildcard continue with an asterisk and
  // then only label ends. If the label "*" has ended but the name has not, the branch holds the names below an empty
  // wildcard.
  while (node.is_branch()) {
    const Symbol symbol = node.offset() == end ? asterisk_symbol() : kLabelEnd;
    if (!node.has(symbol)) {
      if (node.offset() < end + 2) return {};
      break;
    }
    node = store.twig(node, node.place(symbol));
  }
  std::size_t above = tail.folded().size();  // octets of the encloser
  for (std::size_t skip = tail.labels() - encloser, at = 0; skip > 0; --skip) {
    const std::size_t label = 1U + tail.folded()[at];
    at += label;
    above -= label;
  }
  Bytes owner = store.owner(first_leaf(store, node));
  const bool owns = owner.size() == above + 2;
  while (owner.size() > above + 2) owner = owner.subspan(1U + owner[0]);
  if (owner.size() != above + 2 || owner[0] != 1 || owner[1] != '*') return {};
  return {owns ? node : Node(), true};
}

Node find_before(const TreeStore& store, Node root, const KeyTail& tail, const LeafMatch& match) {
  Node before;  // the nearest subtree to the left of the path
  Node node = root;
  while (node.is_branch() && (match.exact || node.offset() <= match.common)) {
    const Symbol symbol = tail[node.offset()];
    const unsigned place = node.place(symbol);
    if (place > 0) before = store.twig(node, place - 1);
    if (!node.has(symbol)) return before.is_null() ? before : last_leaf(store, before);
    node = store.twig(node, place);
  }
  // The rest shares `common` symbols with the key and lies completely before or behind it.
  if (!match.exact && match.leaf_symbol < tail[match.common]) return last_leaf(store, node);
  return before.is_null() ? before : last_leaf(store, before);
}

Node find_deepest(const TreeStore& store, Node root, const KeyTail& tail, std::size_t limit) {
  Node deepest;
  Node node = root;
  while (node.is_branch() && node.offset() <= limit) {
    const unsigned offset = node.offset();
    const Symbol symbol = tail[offset];
    const bool starts = tail.label_starts_at(offset);
    if (starts && node.has(kLabelEnd)) deepest = store.twig(node, 0);
    if (!node.has(symbol)) return deepest;
    node = store.twig(node, node.place(symbol));
  }
  return deepest;
}

Node find_subtree(const TreeStore& store, Node root, const KeyTail& tail) {
  if (root.is_null()) return root;
  Node node = root;
  while (node.is_branch() && node.offset() < tail.size()) {
    const Symbol symbol = tail[node.offset()];
    if (!node.has(symbol)) return {};
    node = store.twig(node, node.place(symbol));
  }
  const LeafMatch match = compare_leaf(store, first_leaf(store, node), tail);
  return match.common == tail.size() ? node : Node();
}

Node first_leaf(const TreeStore& store, Node node) {
  while (node.is_branch()) node = store.twig(node, 0);
  return node;
}

Node last_leaf(const TreeStore& store, Node node) {
  while (node.is_branch()) node = store.twig(node, node.twigs() - 1);
  return node;
}

}  // namespace dns
