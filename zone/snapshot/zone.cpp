#include "zone/snapshot/zone.h"

#include <algorithm>
#include <array>

#include "zone/base/ascii.h"
#include "zone/rr/rdata.h"
#include "zone/snapshot/client_choice.h"
#include "zone/snapshot/nsec3_chain.h"
#include "zone/snapshot/storage.h"

namespace dns {
namespace {

constexpr std::uint64_t kVersions = ~std::uint64_t{0} >> 1;
constexpr std::uint64_t kCutOrDname = kMarkCut | kMarkDname;

// The lookup result of a descent that has reached its leaf (RFC 1034 4.3.2 step 3, RFC 4592 3.3.1).
void resolve(const ZoneStorage& storage, const Node& root, const KeyTail& tail, const Descent& descent,
             Lookup& lookup) {
  lookup.node.reset();
  lookup.cut_or_dname.reset();
  lookup.wildcard.reset();
  lookup.match = Match::kNone;
  lookup.wildcard_exists = false;
  lookup.below = {};
  const TreeStore& tree = storage.tree();
  const std::size_t apex_labels = storage.extent().labels;
  const Node leaf = descent.node();
  const LeafMatch match = compare_leaf(tree, leaf, tail);

  if (!descent.marked().is_null() && descent.marked_at() <= match.common) {
    lookup.cut_or_dname = NodeView(storage, descent.marked());
    lookup.cut_or_dname_labels = apex_labels + tail.labels_within(descent.marked_at());
    lookup.below = descent.marked_below();
  } else if ((match.exact || match.ancestor) && (leaf.marks() & kCutOrDname) != 0) {
    lookup.cut_or_dname = NodeView(storage, leaf);
    lookup.cut_or_dname_labels = apex_labels + match.labels;
    const Node parent = descent.parent();
    if (!parent.is_null() && parent.offset() == match.common) lookup.below = parent;
  }
  if (match.exact) {
    lookup.match = Match::kExact;
    lookup.node = NodeView(storage, leaf);
    lookup.encloser_labels = apex_labels + match.labels;
    return;
  }
  lookup.encloser_labels = apex_labels + match.labels;
  if (match.labels == tail.labels()) {
    lookup.match = Match::kEmptyNonTerminal;
    return;
  }
  if (lookup.cut_or_dname) return;
  const Wildcard wildcard = find_wildcard(tree, root, tail, match.labels);
  lookup.wildcard_exists = wildcard.exists;
  if (!wildcard.leaf.is_null()) lookup.wildcard = NodeView(storage, wildcard.leaf);
}

// Prefetches the first nodes of a descent. The first cache lines of the zone and of its storage must be loaded. Always
// inline: compilers drop calls of a function that only prefetches.
[[gnu::always_inline]] inline void prefetch_root(const Zone& zone) {
  if (!zone.root().is_branch()) return;
  const Node* const twigs = zone.storage()->tree().cell_at(zone.root().ref());
  __builtin_prefetch(twigs);
  __builtin_prefetch(twigs + kCacheLine / sizeof(Node));  // the next cache line: roots have many twigs
}

}  // namespace

NodeView::NodeView(const ZoneStorage& storage, Node leaf) : storage_(&storage), leaf_(leaf) {}

Bytes NodeView::relative_owner() const { return storage_->tree().owner(leaf_); }

Name NodeView::owner() const { return *join(relative_owner(), storage_->apex()); }

std::size_t NodeView::set_count() const {
  std::size_t count = storage_->set_count(leaf_);
  if (has_client_choices())
    while (count > 0 && storage_->entry(leaf_, count - 1).kind.type() == kClientChoiceType)
      --count;  // client choices sort last
  return count;
}

RrsetView NodeView::set(std::size_t index) const { return storage_->view(storage_->entry(leaf_, index)); }

Type NodeView::type(std::size_t index) const { return storage_->entry(leaf_, index).kind.type(); }

std::uint32_t NodeView::body(std::size_t index) const { return storage_->entry(leaf_, index).body; }

std::optional<RrsetView> NodeView::find(Type type) const {
  const std::uint32_t* const body = find_body(type);
  return body == nullptr ? std::nullopt : std::optional(view_of(body, type));
}

std::optional<RrsetView> NodeView::signatures_of(Type covered) const {
  return find_kind(RrsetKind::of(Type::RRSIG, covered).value);
}

std::optional<RrsetView> NodeView::client_choice_of(Type type) const {
  return find_kind(RrsetKind::of(kClientChoiceType, type).value);
}

bool NodeView::has(Type type) const {
  const std::uint32_t* const at = storage_->find_entry(leaf_, RrsetKind::of(type));
  return at != storage_->entries_end(leaf_) && RrsetKind{*at}.type() == type && type != kClientChoiceType;
}

const std::uint32_t* NodeView::find_body(Type type) const {
  const std::uint32_t kind = RrsetKind::of(type).value;
  const std::uint32_t* const end = storage_->entries_end(leaf_);
  for (const std::uint32_t* at = storage_->tree().payload(leaf_); at != end; at += ZoneStorage::kEntryWords)
    if (*at == kind) return storage_->tree().words_at(at[1]);
  return nullptr;
}

RrsetView NodeView::view_of(const std::uint32_t* body, Type type) { return ZoneStorage::view_at(body, type); }

void NodeView::prefetch_client_choice(Type type) const { prefetch_kind(RrsetKind::of(kClientChoiceType, type).value); }

void NodeView::prefetch_signatures(Type covered) const { prefetch_kind(RrsetKind::of(Type::RRSIG, covered).value); }

void NodeView::prefetch_kind(std::uint32_t kind) const {
  const std::uint32_t* const at = storage_->find_entry(leaf_, {kind});
  if (at == storage_->entries_end(leaf_) || *at != kind) return;
  const std::uint32_t* const body = storage_->tree().words_at(at[1]);
  __builtin_prefetch(body);
  __builtin_prefetch(body + 16);
}

std::optional<RrsetView> NodeView::find_kind(std::uint32_t kind) const {
  const std::uint32_t* const at = storage_->find_entry(leaf_, {kind});
  if (at == storage_->entries_end(leaf_) || *at != kind) return std::nullopt;
  return storage_->view({{kind}, at[1]});
}

Zone::Zone(std::shared_ptr<ZoneStorage> storage, const ZoneTrees& trees, std::uint64_t version, const Totals& totals)
    : storage_(std::move(storage)),
      root_(trees.roots.first),
      totals_(totals),
      version_(version & kVersions),
      hashes_(trees.roots.second),
      nsec3_(trees.nsec3) {
  const auto apex = apex_node();
  const auto soa = apex ? apex->find(Type::SOA) : std::nullopt;
  if (!soa || !check_rdata(Type::SOA, *soa->begin())) return;
  const Soa fields = read_soa(*soa->begin());
  serial_ = Serial{fields.serial};
  signed_ = apex->is_signed();
  negative_ttl_ = std::min(soa->ttl, fields.minimum);
  negative_soa_ = Prerendered(this->apex(), *soa, negative_ttl_);
}

std::shared_ptr<const Zone> Zone::make(std::shared_ptr<ZoneStorage> storage, const ZoneTrees& trees,
                                       std::uint64_t version, const Totals& totals) {
  auto zone = std::allocate_shared<Zone>(BlockAllocator<Zone>(), std::move(storage), trees, version, totals);
  zone->self_ = zone;
  return zone;
}

Zone::~Zone() { storage_->drop_version(version_); }

NameView Zone::apex() const { return storage_->apex(); }

ApexExtent Zone::apex_extent() const { return storage_->extent(); }

std::size_t Zone::apex_labels() const { return storage_->extent().labels; }

std::size_t Zone::apex_size() const { return storage_->extent().octets + 1; }

// The apex sorts before all other names: if it owns records, it is the first leaf.
std::optional<NodeView> Zone::apex_node() const {
  if (root_.is_null()) return std::nullopt;
  const NodeView first(*storage_, first_leaf(storage_->tree(), root_));
  if (!first.relative_owner().empty()) return std::nullopt;
  return first;
}

std::optional<Nsec3ChainView> Zone::nsec3_chain() const {
  if (hashes_.is_null()) return std::nullopt;
  return Nsec3ChainView(*storage_, hashes_, nsec3_);
}

Lookup Zone::find(const Key& key) const {
  Lookup lookup;
  if (root_.is_null()) {
    lookup.encloser_labels = storage_->extent().labels;
    return lookup;
  }
  const KeyTail tail(key, storage_->extent());
  Descent descent(storage_->tree(), root_, tail, kCutOrDname);
  descent.run();
  resolve(*storage_, root_, tail, descent, lookup);
  return lookup;
}

std::optional<NodeView> Zone::find_exact(const Key& key) const {
  if (root_.is_null()) return std::nullopt;
  const KeyTail tail(key, storage_->extent());
  Descent descent(storage_->tree(), root_, tail, 0);
  descent.run();
  if (!leaf_is(storage_->tree(), descent.node(), tail)) return std::nullopt;
  return NodeView(*storage_, descent.node());
}

std::optional<NodeView> Zone::find_below(const NodeView& cut, Node below, Bytes labels) const {
  if (labels.empty()) return cut;
  if (below.is_null()) return std::nullopt;
  const TreeStore& tree = storage_->tree();
  const unsigned base = below.offset();
  const std::size_t owner_size = labels.size() + cut.relative_owner().size();
  const auto descend = [&](auto&& symbol_at) -> std::optional<NodeView> {
    Node node = below;
    while (node.is_branch()) {
      const Symbol symbol = symbol_at(node.offset() - base);
      if (!node.has(symbol)) return std::nullopt;
      node = tree.twig(node, node.place(symbol));
    }
    const Bytes owner = tree.owner(node);
    if (owner.size() != owner_size || !equal_fold(owner.first(labels.size()), labels)) return std::nullopt;
    return NodeView(*storage_, node);
  };
  // Nearly all name servers have one label below the cut, and each of its octets is one symbol: no key is needed. The
  // result is compared as a whole, so at worst a label with other octets is not found.
  const std::size_t length = labels[0];
  if (1 + length == labels.size())
    if (const auto found = descend([&](std::size_t at) { return at < length ? symbol_of(labels[1 + at]) : kLabelEnd; }))
      return found;
  std::array<Symbol, kMaxKey> symbols;
  key_begin(labels, symbols);
  return descend([&](std::size_t at) { return at < symbols.size() ? symbols[at] : kLabelEnd; });
}

std::optional<NodeView> Zone::predecessor(const Key& key) const {
  if (root_.is_null()) return std::nullopt;
  const TreeStore& tree = storage_->tree();
  const KeyTail tail(key, storage_->extent());
  Descent descent(tree, root_, tail, 0);
  descent.run();
  const Node before = find_before(tree, root_, tail, compare_leaf(tree, descent.node(), tail));
  return NodeView(*storage_, before.is_null() ? last_leaf(tree, root_) : before);
}

Node Zone::subtree(const Key& key) const {
  return find_subtree(storage_->tree(), root_, KeyTail(key, storage_->extent()));
}

bool Zone::walk_leaves(Node node, VisitLeaf visit, void* context) const {
  return visit_leaves(storage_->tree(), node, [&](Node leaf) { return visit(context, NodeView(*storage_, leaf)); });
}

bool Zone::walk_leaves_from(const Key& key, VisitLeaf visit, void* context) const {
  if (root_.is_null()) return true;
  const TreeStore& tree = storage_->tree();
  const KeyTail tail(key, storage_->extent());
  Descent descent(tree, root_, tail, 0);
  descent.run();
  return visit_leaves_from(tree, root_, tail, compare_leaf(tree, descent.node(), tail),
                           [&](Node leaf) { return visit(context, NodeView(*storage_, leaf)); });
}

void find_all(std::span<LookupRequest> requests) {
  std::array<KeyTail, kInterleavedDescents> tails;
  std::array<Descent, kInterleavedDescents> descents;
  std::array<const LookupRequest*, kInterleavedDescents> waiting;
  std::size_t count = 0;
  const auto resolve_waiting = [&] {
    run_interleaved({descents.data(), count});
    for (std::size_t i = 0; i < count; ++i) {
      const Zone& zone = *waiting[i]->zone;
      resolve(*zone.storage(), zone.root(), tails[i], descents[i], *waiting[i]->lookup);
    }
    count = 0;
  };
  for (const LookupRequest& request : requests)
    if (request.zone != nullptr) prefetch_root(*request.zone);
  for (const LookupRequest& request : requests) {
    if (request.zone == nullptr) continue;
    const ZoneStorage& storage = *request.zone->storage();
    if (request.zone->root().is_null()) {
      *request.lookup = {};
      request.lookup->encloser_labels = storage.extent().labels;
      continue;
    }
    tails[count] = KeyTail(*request.key, storage.extent());
    descents[count] = Descent(storage.tree(), request.zone->root(), tails[count], kCutOrDname);
    waiting[count] = &request;
    if (++count == kInterleavedDescents) resolve_waiting();
  }
  resolve_waiting();
}

}  // namespace dns
