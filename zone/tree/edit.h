// Changes to a tree as a new version of it: paths are copied from the root down, all else is shared with the old
// version.
//
//     old   root ---- [ . . x . ] ---- [ . leaf ]          twigs on the way are copied once an edit, then changed in
//     place: new   root' --- [ . . x'. ] ---- [ . leaf']          a branch node that is `fresh` says that its twigs are
//     ours
//
// The old version stays as it was. `commit` seals the copies and tells what was made and what the new version no longer
// refers to. Leaf records are made and freed by whoever owns the tree.
// One writer. Costs about a microsecond an operation at a million names, mostly cache misses: whoever makes many asks
// for their paths together before.
#pragma once

#include "zone/tree/descent.h"
#include "zone/tree/versions.h"

namespace dns {

class TreeEdit {
 public:
  TreeEdit(TreeStore& store, Node root) : store_(&store), root_(root) {}

  // The key's own leaf, null where there is none.
  Node find(const KeyTail& tail) const;
  // Puts `leaf` in place of the key's leaf or beside the others. `leaf` bears the key's name.
  void put(const KeyTail& tail, Node leaf);
  // Puts `leaf` in place of `old`, which is the key's own leaf.
  void replace(const KeyTail& tail, Node old, Node leaf);
  // Removes the key's leaf; false where there is none.
  bool erase(const KeyTail& tail);

  struct Outcome {
    Node root;
    Garbage made, retired;
  };
  // Ends the edit.
  Outcome commit();

 private:
  struct FoundLeaf {
    Node leaf;
    LeafMatch match;
  };
  FoundLeaf match(const KeyTail& tail) const;
  // Makes the twigs of `branch` ours to write; the one of `symbol`.
  Node* make_writable(Node& branch, Symbol symbol);
  void release(Node branch);
  void add_twig(Node& branch, Symbol symbol, Node leaf);
  void remove_twig(Node& branch, Symbol symbol);
  void split(Node& node, unsigned offset, Symbol symbol, Symbol other, Node leaf);
  Node seal(Node node);

  TreeStore* store_;
  Node root_;
  Garbage made_, retired_;
};

}  // namespace dns
