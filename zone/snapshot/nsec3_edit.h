// Makes the tree of an NSEC3 chain (nsec3_chain.h), and keeps it in step with changes of the zone.
//
// A change of one NSEC3 record copies one path, as in the tree of names. If a change makes another chain the one in use
// (a new NSEC3PARAM, or the first chain that is complete), the tree is built again: one walk over the nodes that may
// lead to a hash, without their records. Writer only.
#pragma once

#include "zone/snapshot/storage.h"
#include "zone/tree/edit.h"

namespace dns {

// The parameters of the chain in use; empty if there is no usable chain. `names` is the root of the tree of names. One
// hash and one descent for each NSEC3PARAM.
Nsec3Parameters nsec3_in_use(const ZoneStorage& storage, Node names);

// The root of the tree of these hashes.
Node build_nsec3_tree(ZoneStorage& storage, Node names, Nsec3Parameters parameters);

class Nsec3Edit {
 public:
  // From the newest version in the storage.
  Nsec3Edit(ZoneStorage& storage, Node hashes, Nsec3Parameters parameters)
      : storage_(storage), hashes_(hashes), parameters_(parameters), edit_(storage.tree(), hashes) {}

  // The leaf of a name was `before` and is `after` now; null: the name has or had no records.
  void change(const KeyTail& tail, Node before, Node after);

  struct Outcome {
    Node hashes;
    Nsec3Parameters parameters;
  };
  // Ends the edit. `names` is the new root of the tree of names; the cells that were made and retired are added to
  // those of its edit.
  Outcome commit(Node names, TreeEdit::Outcome& edited);
  // Ends the edit without a result.
  void abandon();

 private:
  Outcome rebuild(Node names, Nsec3Parameters parameters, TreeEdit::Outcome& edited);

  ZoneStorage& storage_;
  Node hashes_;
  Nsec3Parameters parameters_;
  TreeEdit edit_;
  bool touched_ = false;  // an NSEC3PARAM, or an NSEC3 record of any chain
};

}  // namespace dns
