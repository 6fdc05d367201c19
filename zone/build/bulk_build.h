// Builds a tree from leaves in any order, with several workers.
//
//     runs of leaves --- split by key ---> buckets --- one worker each ---> sorted, one leaf per owner, subtrees
//     subtrees of all buckets --- join ---> root
//
// The bounds between buckets are short keys, chosen from a sample of the leaves: the buckets have about the same size
// and separate near the root. The few branches above the buckets are built last, from subtrees that lie in one bucket
// each.
#pragma once

#include <functional>
#include <memory>

#include "zone/base/parallel.h"
#include "zone/build/leaf_builder.h"

namespace dns {

struct BuiltTree {
  Node root;
  ZoneTotals merged;                                   // changes made by merging: unsigned differences, which wrap
  std::size_t largest = 0;                             // octets of the largest merged RRset, as in LeafBuilder::Output
  std::vector<ZoneBuilder::DeferredOutcome> deferred;  // in canonical order
  bool deferred_across_runs = false;                   // some of `deferred` concerns an owner in more than one run
};

// True if several workers build this many leaves. Otherwise one worker does: its builders need no lock and do not
// reserve blocks of memory.
bool is_shared(std::size_t leaves, const ParallelExecutor& parallel);

struct Workers {
  std::function<std::unique_ptr<LeafBuilder>()> make;  // makes a builder for a worker; one worker uses it at a time
  std::function<void()> close_pool;                    // called after the last use of the RRset pool
};
BuiltTree bulk_build(ZoneStorage& storage, std::vector<UnsortedLeaves> runs, const Workers& workers,
                     const ParallelExecutor& parallel);

}  // namespace dns
