// Changes a tree by making a new version: paths are copied from the root down, everything else is shared with the old
// version (path copying).
//
//     old   root ---- [ . . x . ] ---- [ . leaf ]        An edit copies the twigs on the path once and then changes the
//     new   root' --- [ . . x'. ] ---- [ . leaf']        copies in place. The `fresh` bit of a branch marks such twigs.
//
// The old version does not change. `commit` seals the copies and returns what was made and what the new version no
// longer uses. The owner of the tree makes and frees the leaf records. One writer. An operation costs about a
// microsecond at a million names, mostly cache misses: before many operations, prefetch their paths together.
#pragma once

#include "zone/tree/descent.h"
#include "zone/tree/versions.h"

namespace dns {

class TreeEdit {
 public:
  TreeEdit(TreeStore& store, Node root) : store_(&store), root_(root) {}

  // The leaf of the key; null if there is none.
  Node find(const KeyTail& tail) const;
  // Inserts `leaf`, or replaces the leaf of the key. `leaf` has the name of the key.
  void put(const KeyTail& tail, Node leaf);
  // Replaces `old`, the leaf of the key, by `leaf`.
  void replace(const KeyTail& tail, Node old, Node leaf);
  // Removes the leaf of the key; false if there is none.
  bool erase(const KeyTail& tail);

  struct Outcome {
    Node root;
    NodeList made, retired;
  };
  // Ends the edit.
  Outcome commit();

 private:
  struct FoundLeaf {
    Node leaf;
    LeafMatch match;
  };
  FoundLeaf match(const KeyTail& tail) const;
  // Copies the twigs of `branch` unless this edit has done so; returns the twig of `symbol`.
  Node* make_writable(Node& branch, Symbol symbol);
  void release(Node branch);
  void add_twig(Node& branch, Symbol symbol, Node leaf);
  void remove_twig(Node& branch, Symbol symbol);
  void split(Node& node, unsigned offset, Symbol symbol, Symbol other, Node leaf);
  Node seal(Node node);

  TreeStore* store_;
  Node root_;
  NodeList made_, retired_;
};

}  // namespace dns
