// Compares the RRsets of one owner in two leaves. `diff` and other comparisons of zones use it.
#pragma once

#include "zone/snapshot/change.h"
#include "zone/snapshot/storage.h"

namespace dns {

struct StoredLeaf {
  const ZoneStorage* storage;
  Node leaf;  // null: the owner has no records there
};

// Adds a RrsetChange for each RRset that differs, in ascending order. At most one of the leaves is null.
void diff_owner(StoredLeaf from, StoredLeaf to, Change& change);

}  // namespace dns
