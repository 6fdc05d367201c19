#include "zone/tree/bulk.h"

#include <algorithm>

namespace dns {

void BulkTree::add(const BranchPoint& branch_point, Node node) {
  if (!pending_.is_null()) {
    while (!open_.empty() && open_.back().offset > branch_point.common) close_newest();
    if (open_.empty() || open_.back().offset != branch_point.common)
      open_.push_back({branch_point.common, 0, 0, twigs_.size()});
    attach(branch_point.before);
    open_.back().latest = branch_point.after;
  }
  pending_ = node;
}

Node BulkTree::finish() {
  while (!open_.empty()) close_newest();
  const Node root = pending_;
  pending_ = {};
  return root;
}

void BulkTree::close_newest() {
  attach(open_.back().latest);
  const Open done = open_.back();
  const auto count = static_cast<unsigned>(twigs_.size() - done.first_twig);
  const std::uint32_t ref = allocator_->cells(count);
  std::copy(twigs_.end() - count, twigs_.end(), allocator_->store().cell_at(ref));
  pending_ = Node::branch(done.bitmap, done.offset, ref);
  twigs_.resize(done.first_twig);
  open_.pop_back();
}

void BulkTree::attach(Symbol symbol) {
  open_.back().bitmap |= std::uint64_t{1} << symbol;
  twigs_.push_back(pending_);
}

}  // namespace dns
