#include "zone/tree/differences.h"

#include <algorithm>

#include "zone/base/ascii.h"

namespace dns {

Parting part(const TreeStore& a_store, Node a, const TreeStore& b_store, Node b) {
  const Bytes a_owner = a_store.owner(first_leaf(a_store, a)), b_owner = b_store.owner(first_leaf(b_store, b));
  Key x, y;
  x.assign_labels(a_owner);
  y.assign_labels(b_owner);
  Parting parting;
  const std::size_t offset = std::min<std::size_t>(a.is_branch() ? a.offset() : kMaxKey, b.is_branch() ? b.offset() : kMaxKey);
  parting.a_at = x[offset];
  parting.b_at = y[offset];
  if (equal_fold(a_owner, b_owner)) {
    parting.common = Parting::kNever;
    return parting;
  }
  const auto differ = std::mismatch(x.symbols.begin(), x.symbols.begin() + x.size, y.symbols.begin(), y.symbols.begin() + y.size);
  parting.common = static_cast<std::size_t>(differ.first - x.symbols.begin());
  parting.a_first = x[parting.common] < y[parting.common];
  return parting;
}

}  // namespace dns
