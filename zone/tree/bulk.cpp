#include "zone/tree/bulk.h"

#include <algorithm>

namespace dns {

bool BulkTree::add(const Key& key, Node leaf) {
  const std::span<const Symbol> now{key.symbols.data(), key.size};
  if (!pending_.is_null()) {
    const auto differ = std::mismatch(last_.begin(), last_.end(), now.begin(), now.end());
    // Keys read as label ends beyond their end: a key that ended sorts first.
    if (differ.second == now.end()) return false;
    const auto common = static_cast<std::size_t>(differ.second - now.begin());
    const Symbol before = differ.first == last_.end() ? kLabelEnd : *differ.first;
    if (before > *differ.second) return false;

    close_beyond(common);
    if (open_.empty() || open_.back().offset != common)
      open_.push_back({static_cast<unsigned>(common), 0, twigs_.size()});
    hang(before);
  }
  pending_ = leaf;
  last_.assign(now.begin(), now.end());
  return true;
}

Node BulkTree::finish() {
  while (!open_.empty()) close_beyond(open_.back().offset - std::size_t{1});
  const Node root = pending_;
  pending_ = {};
  last_.clear();
  return root;
}

// `common` may be one less than offset 0: then all close, as no offset is smaller.
void BulkTree::close_beyond(std::size_t common) {
  while (!open_.empty() && open_.back().offset + std::size_t{1} > common + 1) {
    const unsigned offset = open_.back().offset;
    hang(offset < last_.size() ? last_[offset] : kLabelEnd);
    const Open done = open_.back();
    const auto count = static_cast<unsigned>(twigs_.size() - done.first_twig);
    const std::uint32_t ref = store_->allocate_cells(count);
    std::copy(twigs_.end() - count, twigs_.end(), store_->cell_at(ref));
    pending_ = Node::branch(done.bitmap, done.offset, ref);
    twigs_.resize(done.first_twig);
    open_.pop_back();
  }
}

void BulkTree::hang(Symbol symbol) {
  open_.back().bitmap |= std::uint64_t{1} << symbol;
  twigs_.push_back(pending_);
}

}  // namespace dns
