#include "zone/snapshot/nsec3_chain.h"

#include <algorithm>

#include "zone/base/ascii.h"
#include "zone/snapshot/storage.h"

namespace dns {
namespace {

constexpr unsigned kDigitBits = 5, kDigitsEach = 8;  // eight digits are five octets

bool is_base32hex(std::uint8_t octet) {
  const std::uint8_t folded = fold(octet);
  return (folded >= '0' && folded <= '9') || (folded >= 'a' && folded <= 'v');
}

// How many octets two labels share at their beginning, ignoring case.
std::size_t common_octets(const Nsec3Label& label, const std::uint8_t* other) {
  std::size_t common = 0;
  while (common < label.size() && label[common] == fold(other[common])) ++common;
  return common;
}

// The way from the root to a leaf that shares as many octets with a label as any leaf does.
class HashPath {
 public:
  HashPath(const TreeStore& tree, Node root, const Nsec3Label& label) : tree_(tree), label_(label), end_(root) {
    while (end_.is_branch()) {
      const unsigned offset = end_.offset();
      branches_[depth_++] = end_;
      const Symbol symbol = symbol_of(label_[offset]);
      if (!end_.has(symbol) && offset == common_) return;  // no leaf shares more
      if (offset == common_) ++common_;
      end_ = tree_.twig(end_, end_.has(symbol) ? end_.place(symbol) : 0);
    }
    other_ = tree_.owner(end_).data() + 1;
    common_ = common_octets(label_, other_);
  }

  bool matches() const { return common_ == label_.size(); }
  Node leaf() const { return end_; }

  // The last leaf before the label; null if there is none.
  Node before() const {
    std::size_t depth = depth_;
    Node below = end_;
    for (; depth > 0 && branches_[depth - 1].offset() > common_; --depth) below = branches_[depth - 1];
    // The names at `below` share `common_` octets with the label and lie completely before or behind it.
    const bool parts_here = depth > 0 && branches_[depth - 1].offset() == common_;
    if (!parts_here && fold(other_[common_]) < label_[common_]) return last_leaf(tree_, below);
    for (; depth > 0; --depth) {
      const Node branch = branches_[depth - 1];
      if (const unsigned place = branch.place(symbol_of(label_[branch.offset()])); place > 0)
        return last_leaf(tree_, tree_.twig(branch, place - 1));
    }
    return {};
  }

 private:
  const TreeStore& tree_;
  const Nsec3Label& label_;
  Node end_;                             // the leaf; a branch if no leaf shares the symbol at its offset
  const std::uint8_t* other_ = nullptr;  // the label of the leaf
  std::array<Node, kNsec3LabelSize> branches_;
  std::size_t depth_ = 0, common_ = 0;
};

}  // namespace

Nsec3Hash Nsec3Parameters::hash(NameView name) const {
  std::array<std::uint8_t, kMaxName> folded;
  fold_into(folded.data(), name.bytes());
  Nsec3Hash hash = sha1(Bytes(folded).first(name.size()), salt());
  for (unsigned i = 0; i < iterations(); ++i) hash = sha1(hash, salt());
  return hash;
}

Nsec3ChainView::Found Nsec3ChainView::find(const Nsec3Hash& hash) const {
  const TreeStore& tree = storage_->tree();
  const Nsec3Label label = nsec3_label(hash);
  const HashPath path(tree, root_, label);
  if (path.matches()) return {NodeView(*storage_, path.leaf()), true};
  const Node before = path.before();
  // The last record covers the hashes before the first.
  return {NodeView(*storage_, before.is_null() ? last_leaf(tree, root_) : before), false};
}

Nsec3Label nsec3_label(const Nsec3Hash& hash) {
  Nsec3Label label;
  for (std::size_t i = 0; i < kNsec3LabelSize; i += kDigitsEach) {
    const std::uint8_t* const from = &hash[i / kDigitsEach * kDigitBits];
    const std::uint64_t bits = std::uint64_t{load32(from)} << 8 | from[4];
    for (unsigned digit = 0; digit < kDigitsEach; ++digit)
      label[i + digit] = static_cast<std::uint8_t>(bits >> (kDigitsEach - 1 - digit) * kDigitBits & 31U);
  }
  for (std::uint8_t& digit : label) digit = static_cast<std::uint8_t>(digit + (digit < 10 ? '0' : 'a' - 10));
  return label;
}

bool is_nsec3_owner(Bytes relative) {
  return relative.size() == kNsec3LabelSize + 1 && relative[0] == kNsec3LabelSize &&
         std::ranges::all_of(relative.subspan(1), is_base32hex);
}

bool has_only_nsec3(const NodeView& node) {
  if (!node.has(Type::NSEC3)) return false;
  for (std::size_t i = 0; i < node.set_count(); ++i)
    if (const Type type = node.type(i); type != Type::NSEC3 && type != Type::RRSIG) return false;
  return true;
}

}  // namespace dns
