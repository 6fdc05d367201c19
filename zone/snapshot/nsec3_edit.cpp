#include "zone/snapshot/nsec3_edit.h"

#include <algorithm>

#include "zone/snapshot/nsec3_chain.h"
#include "zone/tree/bulk.h"

namespace dns {
namespace {

bool may_hold(Node leaf) { return !leaf.is_null() && (leaf.marks() & kMarkNsec3) != 0; }

// Whether a leaf with an owner of the right form belongs to the chain.
bool is_in_chain(const ZoneStorage& storage, Node leaf, Nsec3Parameters parameters) {
  if (!may_hold(leaf)) return false;
  const auto records = NodeView(storage, leaf).find(Type::NSEC3);
  return records && std::ranges::any_of(*records, [&](Bytes rdata) { return parameters.match(rdata); });
}

Node find_leaf(const ZoneStorage& storage, Node names, Bytes relative) {
  Key key;
  key.assign_labels(relative);
  const KeyTail tail(key);
  Descent descent(storage.tree(), names, tail, 0);
  descent.run();
  return leaf_is(storage.tree(), descent.node(), tail) ? descent.node() : Node();
}

bool has_chain(const ZoneStorage& storage, Node names, Nsec3Parameters parameters) {
  const Nsec3Label label = nsec3_label(parameters.hash(storage.apex()));
  std::array<std::uint8_t, kNsec3LabelSize + 1> owner{kNsec3LabelSize};
  std::ranges::copy(label, owner.begin() + 1);
  return is_in_chain(storage, find_leaf(storage, names, owner), parameters);
}

// Calls `visit(Node)` for each leaf that owns NSEC3 records at an owner of the right form, in canonical order. The walk
// leaves out names that cannot be hashes.
template <class Visit>
void visit_hashed(const TreeStore& tree, Node node, Visit&& visit) {
  if (node.is_leaf()) {
    if (may_hold(node) && is_nsec3_owner(tree.owner(node))) visit(node);
    return;
  }
  // Behind the first label only its end leads to a hash: all else are names below it.
  if (node.offset() >= kNsec3LabelSize) {
    if (node.has(kLabelEnd)) visit_hashed(tree, tree.twig(node, 0), visit);
    return;
  }
  const unsigned begin = node.has(kLabelEnd) ? 1 : 0;  // the first twig is a shorter name
  for (unsigned place = begin; place < node.twigs(); ++place) {
    const Node twig = tree.twig(node, place);
    if (twig.is_branch()) __builtin_prefetch(tree.cell_at(twig.ref()));
    else if (may_hold(twig)) __builtin_prefetch(tree.words_at(twig.ref()));
  }
  for (unsigned place = begin; place < node.twigs(); ++place) visit_hashed(tree, tree.twig(node, place), visit);
}

void add_cells(const TreeStore& tree, Node node, std::vector<CellRun>& cells) {
  if (!node.is_branch()) return;
  cells.push_back({node.ref(), node.twigs()});
  for (unsigned place = 0; place < node.twigs(); ++place) add_cells(tree, tree.twig(node, place), cells);
}

void append(std::vector<CellRun>& cells, const std::vector<CellRun>& more) {
  cells.insert(cells.end(), more.begin(), more.end());
}

}  // namespace

Nsec3Parameters nsec3_in_use(const ZoneStorage& storage, Node names) {
  if (names.is_null()) return {};
  const Node apex = first_leaf(storage.tree(), names);
  if (!storage.tree().owner(apex).empty()) return {};
  const auto named = NodeView(storage, apex).find(Type::NSEC3PARAM);
  if (!named) return {};
  for (const Bytes rdata : *named) {
    const Nsec3Parameters parameters(rdata.data());
    if (parameters.usable() && has_chain(storage, names, parameters)) return parameters;
  }
  return {};
}

Node build_nsec3_tree(ZoneStorage& storage, Node names, Nsec3Parameters parameters) {
  if (parameters.empty()) return {};
  const TreeStore& tree = storage.tree();
  StoreAllocator allocator(storage.tree(), nullptr);
  BulkTree built(allocator);
  UnsortedLeaf before;
  bool first = true;
  visit_hashed(tree, names, [&](Node leaf) {
    if (!is_in_chain(storage, leaf, parameters)) return;
    const UnsortedLeaf here = UnsortedLeaf::of(tree.owner(leaf), leaf, 0);
    built.add(first ? BranchPoint{} : branch_point_of(tree, before, here), leaf);
    before = here;
    first = false;
  });
  return built.finish();
}

void Nsec3Edit::change(const KeyTail& tail, Node before, Node after) {
  if (tail.size() == 0) {
    const auto parameters_at = [&](Node apex) {
      return apex.is_null() ? nullptr : NodeView(storage_, apex).find_body(Type::NSEC3PARAM);
    };
    touched_ = touched_ || parameters_at(before) != parameters_at(after);
    return;
  }
  if ((!may_hold(before) && !may_hold(after)) || !is_nsec3_owner(tail.folded())) return;
  touched_ = true;
  if (hashes_.is_null()) return;
  const bool was = is_in_chain(storage_, before, parameters_), is = is_in_chain(storage_, after, parameters_);
  if (was && is) edit_.replace(tail, before, after);
  else if (is) edit_.put(tail, after);
  else if (was) edit_.erase(tail);
}

Nsec3Edit::Outcome Nsec3Edit::commit(Node names, TreeEdit::Outcome& edited) {
  if (!touched_) return {hashes_, parameters_};
  const Nsec3Parameters in_use = nsec3_in_use(storage_, names);
  if (in_use.empty() || parameters_.empty() || !(in_use == parameters_)) return rebuild(names, in_use, edited);
  const TreeEdit::Outcome chain = edit_.commit();
  append(edited.made.cells, chain.made.cells);
  append(edited.retired.cells, chain.retired.cells);
  return {chain.root, in_use};
}

void Nsec3Edit::abandon() {
  const TreeEdit::Outcome chain = edit_.commit();
  for (const CellRun& run : chain.made.cells) storage_.tree().free_cells(run.ref, run.count);
}

Nsec3Edit::Outcome Nsec3Edit::rebuild(Node names, Nsec3Parameters parameters, TreeEdit::Outcome& edited) {
  abandon();
  add_cells(storage_.tree(), hashes_, edited.retired.cells);
  const Node hashes = build_nsec3_tree(storage_, names, parameters);
  add_cells(storage_.tree(), hashes, edited.made.cells);
  return {hashes, parameters};
}

}  // namespace dns
