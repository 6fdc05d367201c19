// A tree from leaves in canonical order, in one pass: each branch is written once, complete, after all below it.
//
// The branches that are still open lie on a stack, from the root down; their twigs so far lie on another. A new leaf
// differs from its predecessor at one symbol: branches that decide beyond it are complete. Children lie before and near
// their parents, which is what a descent likes. Costs about 40 ns a leaf; one thread.
#pragma once

#include <vector>

#include "zone/tree/store.h"

namespace dns {

class BulkTree {
 public:
  explicit BulkTree(TreeStore& store) : store_(&store) {}

  // Adds a leaf whose key sorts after all before it; false, and nothing is added, where it does not.
  bool add(const Key& key, Node leaf);
  // The root, null where nothing was added. The builder is empty after.
  Node finish();

 private:
  struct Open {
    unsigned offset;
    std::uint64_t bitmap;
    std::size_t first_twig;
  };

  // Completes the branches that decide beyond symbol `common` and hangs what hung on them.
  void close_beyond(std::size_t common);
  void hang(Symbol symbol);

  TreeStore* store_;
  std::vector<Open> open_;
  std::vector<Node> twigs_;  // of the open branches, those of one side by side
  Node pending_;             // complete, its parent not known yet
  std::vector<Symbol> last_;  // key of the leaf before
};

}  // namespace dns
