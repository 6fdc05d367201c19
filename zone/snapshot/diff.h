// How the sets of one owner differ between two leaves: what `diff` and whoever else compares zones is made of.
#pragma once

#include "zone/snapshot/change.h"
#include "zone/snapshot/storage.h"

namespace dns {

struct StoredLeaf {
  const ZoneStorage* storage;
  Node leaf;  // null: the owner has no records there
};

// Adds a SetChange for each set that differs, ascending. Not both leaves are null.
void diff_owner(StoredLeaf from, StoredLeaf to, Change& change);

}  // namespace dns
