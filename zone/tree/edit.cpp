#include "zone/tree/edit.h"

#include <algorithm>

namespace dns {
namespace {

constexpr std::uint64_t bit(Symbol symbol) { return std::uint64_t{1} << symbol; }

}  // namespace

Node TreeEdit::find(const KeyTail& tail) const {
  if (root_.is_null()) return {};
  const FoundLeaf found = match(tail);
  return found.match.exact ? found.leaf : Node();
}

void TreeEdit::put(const KeyTail& tail, Node leaf) {
  if (root_.is_null()) {
    made_.leaves.push_back(leaf);
    root_ = leaf;
    return;
  }
  const auto [old, match] = this->match(tail);
  if (match.exact) return replace(tail, old, leaf);
  made_.leaves.push_back(leaf);
  const auto common = static_cast<unsigned>(match.common);
  Node* node = &root_;
  while (node->is_branch() && node->offset() <= common) {
    const Symbol symbol = tail[node->offset()];
    if (!node->has(symbol)) return add_twig(*node, symbol, leaf);
    node = make_writable(*node, symbol);
  }
  split(*node, common, tail[common], match.leaf_symbol, leaf);
}

void TreeEdit::replace(const KeyTail& tail, Node old, Node leaf) {
  made_.leaves.push_back(leaf);
  retired_.leaves.push_back(old);
  Node* node = &root_;
  while (node->is_branch()) node = make_writable(*node, tail[node->offset()]);
  *node = leaf;
}

bool TreeEdit::erase(const KeyTail& tail) {
  if (root_.is_null()) return false;
  const auto [old, match] = this->match(tail);
  if (!match.exact) return false;
  retired_.leaves.push_back(old);
  if (root_.is_leaf()) {
    root_ = {};
    return true;
  }
  for (Node* node = &root_;;) {
    const Symbol symbol = tail[node->offset()];
    if (store_->twig(*node, node->place(symbol)).is_leaf()) {
      remove_twig(*node, symbol);
      return true;
    }
    node = make_writable(*node, symbol);
  }
}

TreeEdit::Outcome TreeEdit::commit() {
  const Node root = seal(root_);
  return {root, std::move(made_), std::move(retired_)};
}

TreeEdit::FoundLeaf TreeEdit::match(const KeyTail& tail) const {
  Descent descent(*store_, root_, tail, 0);
  descent.run();
  return {descent.node(), compare_leaf(*store_, descent.node(), tail)};
}

Node* TreeEdit::make_writable(Node& branch, Symbol symbol) {
  if (!branch.is_fresh()) {
    const unsigned count = branch.twigs();
    const std::uint32_t ref = store_->allocate_cells(count);
    std::copy_n(store_->cell_at(branch.ref()), count, store_->cell_at(ref));
    retired_.cells.push_back({branch.ref(), count});
    branch = branch.first_twigs_at(ref).fresh();
  }
  return store_->cell_at(branch.ref() + branch.place(symbol));
}

// The new version does not use the twigs of `branch` any more.
void TreeEdit::release(Node branch) {
  if (branch.is_fresh()) {
    store_->free_cells(branch.ref(), branch.twigs());
  } else {
    retired_.cells.push_back({branch.ref(), branch.twigs()});
  }
}

void TreeEdit::add_twig(Node& branch, Symbol symbol, Node leaf) {
  const unsigned count = branch.twigs(), place = branch.place(symbol);
  const std::uint32_t ref = store_->allocate_cells(count + 1);
  const Node* const from = store_->cell_at(branch.ref());
  Node* const to = store_->cell_at(ref);
  std::copy_n(from, place, to);
  to[place] = leaf;
  std::copy_n(from + place, count - place, to + place + 1);
  const Node grown = Node::branch(branch.bitmap() | bit(symbol), branch.offset(), ref).fresh();
  release(branch);
  branch = grown;
}

void TreeEdit::remove_twig(Node& branch, Symbol symbol) {
  const unsigned count = branch.twigs(), place = branch.place(symbol);
  const Node* const from = store_->cell_at(branch.ref());
  if (count == 2) {  // a branch has at least two twigs: the other twig replaces it
    const Node other = from[1 - place];
    release(branch);
    branch = other;
    return;
  }
  const std::uint32_t ref = store_->allocate_cells(count - 1);
  Node* const to = store_->cell_at(ref);
  std::copy_n(from, place, to);
  std::copy_n(from + place + 1, count - place - 1, to + place);
  const Node shrunk = Node::branch(branch.bitmap() & ~bit(symbol), branch.offset(), ref).fresh();
  release(branch);
  branch = shrunk;
}

// Replaces `node` by a branch over `node` and `leaf`, whose keys differ at `offset`.
void TreeEdit::split(Node& node, unsigned offset, Symbol symbol, Symbol other, Node leaf) {
  const std::uint32_t ref = store_->allocate_cells(2);
  Node* const twigs = store_->cell_at(ref);
  twigs[symbol < other ? 0 : 1] = leaf;
  twigs[symbol < other ? 1 : 0] = node;
  node = Node::branch(bit(symbol) | bit(other), offset, ref).fresh();
}

// Fresh nodes form a connected part below the root; the rest is not visited.
Node TreeEdit::seal(Node node) {
  if (!node.is_branch() || !node.is_fresh()) return node;
  made_.cells.push_back({node.ref(), node.twigs()});
  Node* const twigs = store_->cell_at(node.ref());
  for (unsigned place = 0; place < node.twigs(); ++place) twigs[place] = seal(twigs[place]);
  return node.sealed();
}

}  // namespace dns
