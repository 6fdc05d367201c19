#include "zone/tree/differences.h"

#include <algorithm>

#include "zone/base/ascii.h"

namespace dns {

Divergence divergence_of(const TreeStore& a_store, Node a, const TreeStore& b_store, Node b) {
  const Bytes a_owner = a_store.owner(first_leaf(a_store, a)), b_owner = b_store.owner(first_leaf(b_store, b));
  Key x, y;
  x.assign_labels(a_owner);
  y.assign_labels(b_owner);
  Divergence divergence;
  const std::size_t offset =
      std::min<std::size_t>(a.is_branch() ? a.offset() : kMaxKey, b.is_branch() ? b.offset() : kMaxKey);
  divergence.a_symbol = x[offset];
  divergence.b_symbol = y[offset];
  if (equal_fold(a_owner, b_owner)) {
    divergence.common = Divergence::kEqualKeys;
    return divergence;
  }
  const auto differ =
      std::mismatch(x.symbols.begin(), x.symbols.begin() + x.size, y.symbols.begin(), y.symbols.begin() + y.size);
  divergence.common = static_cast<std::size_t>(differ.first - x.symbols.begin());
  divergence.a_first = x[divergence.common] < y[divergence.common];
  return divergence;
}

}  // namespace dns
