// A tree from leaves in canonical order, in one pass: each branch is written once, complete, after all below it.
//
// The branches that are still open lie on a stack, from the root down; their twigs so far lie on another. A new leaf
// differs from its predecessor at one symbol: branches that decide beyond it are complete. Children lie before and near
// their parents, which is what a descent likes. Whole subtrees may stand for leaves, so that parts of a large tree are
// built at once and joined. Costs about 20 ns a leaf; one thread.
#pragma once

#include <vector>

#include "zone/tree/allocator.h"
#include "zone/tree/sort.h"

namespace dns {

class BulkTree {
 public:
  explicit BulkTree(StoreAllocator& allocator) : allocator_(&allocator) {}

  // Adds what sorts behind all before it: a leaf, or a subtree whose leaves agree beyond `branch_point`. `branch_point`
  // is that with the leaf before it; the first has none to speak of.
  void add(const BranchPoint& branch_point, Node node);
  // The root, null where nothing was added. The builder is empty after.
  Node finish();

 private:
  struct Open {
    unsigned offset;
    Symbol latest;  // the twig to come
    std::uint64_t bitmap;
    std::size_t first_twig;
  };

  void close_newest();
  void attach(Symbol symbol);

  StoreAllocator* allocator_;
  std::vector<Open> open_;
  std::vector<Node> twigs_;  // of the open branches, those of one side by side
  Node pending_;             // complete, its parent not known yet
};

}  // namespace dns
