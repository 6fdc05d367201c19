// Leaves in any order to a tree, by as many workers as there are.
//
//     runs of leaves --- split by key ---> buckets --- each by one worker ---> sorted, one leaf an owner, subtrees ---
//     join ---> root
//
// Buckets are bounded by short keys that a sample of the leaves suggests, so that they are about as large as each other
// and part near the root. The branches that decide between buckets are built last, from subtrees that lie in one bucket
// each; they are few.
#pragma once

#include <functional>
#include <memory>

#include "zone/base/parallel.h"
#include "zone/build/leaf_builder.h"

namespace dns {

struct BuiltTree {
  Node root;
  ZoneTotals merged;        // what merging altered: differences, which wrap
  std::size_t largest = 0;  // octets of the largest set that was merged, as LeafBuilder::Output's
  std::vector<ZoneBuilder::DeferredOutcome> deferred;  // in canonical order
  bool deferred_across_runs = false;                   // some of it is of an owner in more than one run
};

// True where several workers assemble so many leaves; else one does, whose builders need no lock, and take no blocks of
// memory.
bool is_shared(std::size_t leaves, const ParallelExecutor& parallel);

struct Workers {
  std::function<std::unique_ptr<LeafBuilder>()> make;  // for as many workers as come, each used by one at a time
  std::function<void()> close_pool;                    // called when no builder interns any more
};
BuiltTree bulk_build(ZoneStorage& storage, std::vector<UnsortedLeaves> runs, const Workers& workers,
                     const ParallelExecutor& parallel);

}  // namespace dns
