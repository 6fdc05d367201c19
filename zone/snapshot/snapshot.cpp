#include "zone/snapshot/snapshot.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>

#include "zone/base/ascii.h"
#include "zone/snapshot/storage.h"
#include "zone/tree/bulk.h"
#include "zone/tree/edit.h"

namespace dns {
namespace {

// The marks of a leaf in the tree of apexes encode the address of its zone. A lookup can therefore prefetch a whole
// small zone before the leaf's record is in the cache. It is only a hint: the zone is read only after the record has
// confirmed it.
//
//     | cache lines from the storage to the zone 12, signed | lines of cells and words behind the storage 8 |
//     | cache line of the storage 42 |
class PrefetchHint {
 public:
  explicit PrefetchHint(Node leaf) : marks_(leaf.marks()) {}

  // Zero if the storage is not compact or its address does not fit into 42 bits.
  static std::uint64_t marks_of(const Zone& zone) {
    const ZoneStorage& storage = *zone.storage();
    const std::uint64_t line = line_of(&storage), lines = storage.compact_lines();
    if (lines == 0 || lines > kMostLines || line >> kLineBits != 0) return 0;
    const auto apart = static_cast<std::int64_t>(line_of(&zone) - line);
    const std::uint64_t near =
        apart >= -kFarthest && apart < kFarthest ? static_cast<std::uint64_t>(apart) & (2 * kFarthest - 1) : 0;
    return near << kApartShift | lines << kLineBits | line;
  }
  // Always inline: compilers drop calls of a function that only prefetches.
  [[gnu::always_inline]] void prefetch() const {
    if (marks_ == 0) return;
    const std::uint64_t line = marks_ & ((std::uint64_t{1} << kLineBits) - 1);
    const auto apart = static_cast<std::int64_t>(marks_ << 2) >> (kApartShift + 2);
    const void* const storage = at(line);
    __builtin_prefetch(at(line + static_cast<std::uint64_t>(apart)));
    static_cast<const ZoneStorage*>(storage)->prefetch_compact(static_cast<std::uint32_t>(marks_ >> kLineBits) &
                                                               kMostLines);
  }

 private:
  static constexpr unsigned kLineBits = 42, kApartShift = 50;
  static constexpr std::uint32_t kMostLines = 255;
  static constexpr std::int64_t kFarthest = 2048;
  static std::uint64_t line_of(const void* at) { return std::bit_cast<std::uintptr_t>(at) / kCacheLine; }
  static const void* at(std::uint64_t line) { return std::bit_cast<const void*>(line * kCacheLine); }

  std::uint64_t marks_;
};

// The storage that successive snapshots share. Payload of a leaf: the addresses of the zone, of its storage and of its
// policy, each in two words, then the zone's slot. The first two are stored, so both can be prefetched at once.
class ApexStorage {
 public:
  static constexpr std::uint32_t kPayloadWords = 7, kStorageWord = 2, kPolicyWord = 4, kSlotWord = 6;

  const TreeStore& tree() const { return tree_; }
  TreeStore& tree() { return tree_; }

  const Zone* zone(Node leaf) const {
    const Zone* zone = nullptr;
    std::memcpy(&zone, tree_.payload(leaf), sizeof zone);
    return zone;
  }
  const ZonePolicy* policy(Node leaf) const {
    const ZonePolicy* policy = nullptr;
    std::memcpy(&policy, tree_.payload(leaf) + kPolicyWord, sizeof policy);
    return policy;
  }
  // Both, and starts to load the zone into the cache.
  ZoneEntry prefetch_entry(Node leaf) const {
    const Zone* const zone = this->zone(leaf);
    const ZoneStorage* storage = nullptr;
    std::memcpy(&storage, tree_.payload(leaf) + kStorageWord, sizeof storage);
    __builtin_prefetch(zone);
    storage->prefetch();
    return {zone, policy(leaf)};
  }
  const std::shared_ptr<const Zone>& zone_owner(Node leaf) const { return zones_[slot(leaf)]; }

  Node make_leaf(std::shared_ptr<const Zone> zone, const ZonePolicy* policy) {
    const Bytes owner = owner_of(*zone);
    const std::uint64_t marks = PrefetchHint::marks_of(*zone);
    const std::uint32_t ref = tree_.allocate_record(owner, 0, kPayloadWords);
    std::uint32_t* const payload = tree_.words_at(ref) + TreeStore::head_words(owner.size());
    const Zone* const address = zone.get();
    const ZoneStorage* const storage = zone->storage().get();
    std::memcpy(payload, &address, sizeof address);
    std::memcpy(payload + kStorageWord, &storage, sizeof storage);
    std::memcpy(payload + kPolicyWord, &policy, sizeof policy);
    payload[kSlotWord] = take_slot(std::move(zone));
    return Node::leaf(marks, ref);
  }
  // Builds the tree of `zones`, without policies, in an empty storage. Records and branches are stored in the order of
  // names, so a descent reads neighbouring memory. Of several zones with the same apex the last is used.
  Node build(std::vector<std::shared_ptr<const Zone>> zones);

  // The number of zones, in a storage with one version.
  std::size_t size() const { return zones_.size(); }

  std::uint64_t add_version(Node root) { return versions_.add({}, {}, {root, {}}); }
  std::uint64_t add_version(TreeEdit::Outcome& edited) {
    return versions_.add(std::move(edited.made), std::move(edited.retired));
  }
  bool is_newest(std::uint64_t version) const { return versions_.is_newest(version); }
  void drop_version(std::uint64_t version) {
    versions_.drop(version, [this](NodeList&& garbage) {
      for (const CellRun& run : garbage.cells) tree_.free_cells(run.ref, run.count);
      for (const Node leaf : garbage.leaves) free_leaf(leaf);
    });
  }

 private:
  static Bytes owner_of(const Zone& zone) { return zone.apex().bytes().first(zone.apex_size() - 1); }
  std::uint32_t slot(Node leaf) const { return tree_.payload(leaf)[kSlotWord]; }

  std::uint32_t take_slot(std::shared_ptr<const Zone> zone) {
    if (free_slots_.empty()) {
      zones_.push_back(std::move(zone));
      free_slots_.reserve(zones_.capacity());  // a destructor frees slots: it must not need memory
      return static_cast<std::uint32_t>(zones_.size() - 1);
    }
    const std::uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    zones_[slot] = std::move(zone);
    return slot;
  }
  void free_leaf(Node leaf) {
    zones_[slot(leaf)].reset();
    free_slots_.push_back(slot(leaf));
    tree_.free_words(leaf.ref(), TreeStore::head_words(tree_.owner(leaf).size()) + kPayloadWords);
  }

  TreeStore tree_;
  VersionHistory versions_;
  std::vector<std::shared_ptr<const Zone>> zones_;  // writer only: keeps the zones alive
  std::vector<std::uint32_t> free_slots_;
};

Node ApexStorage::build(std::vector<std::shared_ptr<const Zone>> zones) {
  TreeStore names;  // in input order, each with the index of its zone
  std::vector<UnsortedLeaf, PageAllocator<UnsortedLeaf>> leaves;
  leaves.reserve(zones.size());
  for (std::uint32_t place = 0; place < zones.size(); ++place) {
    const Bytes owner = owner_of(*zones[place]);
    const std::uint32_t ref = names.allocate_record(owner, 0, 1);
    names.words_at(ref)[TreeStore::head_words(owner.size())] = place;
    leaves.push_back(UnsortedLeaf::of(owner, Node::leaf(0, ref), 0));
  }
  sort_leaves(names, leaves);
  std::size_t kept = 0;  // the last of equal names
  for (const UnsortedLeaf& leaf : leaves) {
    const bool again = kept > 0 && leaves[kept - 1].part == leaf.part &&
                       equal_fold(names.owner(leaves[kept - 1].leaf()), names.owner(leaf.leaf()));
    leaves[again ? kept - 1 : kept++] = leaf;
  }
  leaves.resize(kept);
  zones_.reserve(kept);
  StoreAllocator allocator(tree_, nullptr);
  BulkTree tree(allocator);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const BranchPoint branch_point = i == 0 ? BranchPoint() : branch_point_of(names, leaves[i - 1], leaves[i]);
    tree.add(branch_point, make_leaf(std::move(zones[*names.payload(leaves[i].leaf())]), nullptr));
  }
  return tree.finish();
}

// The zone of the deepest apex above the key's name, or at it if `within` allows that.
ZoneEntry resolve(const ApexStorage& storage, Node root, const KeyTail& tail, Node leaf, Snapshot::Within within) {
  const TreeStore& tree = storage.tree();
  const LeafMatch match = compare_leaf(tree, leaf, tail);
  if (match.ancestor || (match.exact && within == Snapshot::Within::kAtOrBelow)) return storage.prefetch_entry(leaf);
  if (match.exact && tail.size() == 0) return {};
  const Node deepest = find_deepest(tree, root, tail, match.exact ? tail.size() - 1 : match.common);
  return deepest.is_null() ? ZoneEntry{} : storage.prefetch_entry(deepest);
}

// A zone in the list of a small set. Comparing its apex with the end of a name costs less than a descent.
class SmallSetEntry {
 public:
  SmallSetEntry() = default;
  explicit SmallSetEntry(const ZoneEntry& entry)
      : entry_(entry), apex_(entry.zone->apex().data()), extent_(entry.zone->apex()) {}

  const ZoneEntry& entry() const { return entry_; }
  std::size_t labels() const { return extent_.labels; }
  // `octets` are those of the name. The key only needs to have begun.
  bool holds(const Key& key, const std::uint8_t* octets) const {
    if (key.labels < extent_.labels || key.folded_size < extent_.octets) return false;
    const std::size_t above = key.labels - extent_.labels, at = key.folded_size - extent_.octets;
    if (extent_.labels == 0) return true;
    return key.label_at[above] == at && equal_fold({octets + at, extent_.octets}, {apex_, extent_.octets});
  }

 private:
  ZoneEntry entry_;
  const std::uint8_t* apex_ = nullptr;
  ApexExtent extent_;
};
constexpr std::size_t kMaxSmallSet = 4;

}  // namespace

struct Snapshot::State {
  std::shared_ptr<ApexStorage> storage;  // shared: successive snapshots use the same arenas
  Node root;
  std::uint64_t version = 0;
  std::uint64_t generation = 0;
  std::size_t size = 0;
  std::shared_ptr<const ViewTable> views;
  std::shared_ptr<const ZonePolicies> policies;  // the leaves point into it
  // All zones, the deepest first, if there are at most kMaxSmallSet.
  std::array<SmallSetEntry, kMaxSmallSet> small_set = {};

  void fill_small_set();
  void renew_policies(Node from, TreeEdit& edit) const;
  ZoneEntry find_in_small_set(const Key& key, const std::uint8_t* octets) const {
    for (std::size_t i = 0; i < size; ++i)
      if (small_set[i].holds(key, octets)) return small_set[i].entry();
    return {};
  }
  const ZonePolicy* policy_of(NameView apex) const { return policies == nullptr ? nullptr : policies->find(apex); }
};

void Snapshot::State::fill_small_set() {
  if (size > kMaxSmallSet) return;
  std::size_t count = 0;
  visit_leaves(storage->tree(), root, [&](Node leaf) {
    small_set[count++] = SmallSetEntry({storage->zone(leaf), storage->policy(leaf)});
    return true;
  });
  std::ranges::stable_sort(std::span(small_set).first(count), std::ranges::greater{}, &SmallSetEntry::labels);
}

// Replaces the leaves of `from` whose policy is not that of `policies`. Old snapshots keep their leaves and policies.
void Snapshot::State::renew_policies(Node from, TreeEdit& edit) const {
  visit_leaves(storage->tree(), from, [&](Node leaf) {
    const std::shared_ptr<const Zone> zone = storage->zone_owner(leaf);
    const ZonePolicy* const policy = policy_of(zone->apex());
    if (policy == storage->policy(leaf)) return true;
    const Key key(zone->apex());
    edit.put(KeyTail(key), storage->make_leaf(zone, policy));
    return true;
  });
}

Snapshot::Snapshot(std::unique_ptr<State> state) : state_(std::move(state)) {}

Snapshot::~Snapshot() { state_->storage->drop_version(state_->version); }

std::shared_ptr<const Snapshot> Snapshot::of(std::vector<std::shared_ptr<const Zone>> zones) {
  auto state = std::make_unique<State>();
  state->storage = std::make_shared<ApexStorage>();
  state->root = state->storage->build(std::move(zones));
  state->size = state->storage->size();
  state->version = state->storage->add_version(state->root);
  state->generation = 1;
  state->fill_small_set();
  return std::shared_ptr<const Snapshot>(new Snapshot(std::move(state)));
}

std::shared_ptr<const Snapshot> Snapshot::with(std::span<const std::shared_ptr<const Zone>> added,
                                               std::span<const Name> removed) const {
  return with(added, removed, state_->views);
}

std::shared_ptr<const Snapshot> Snapshot::with(std::span<const std::shared_ptr<const Zone>> added,
                                               std::span<const Name> removed,
                                               std::shared_ptr<const ViewTable> views) const {
  return with(added, removed, std::move(views), state_->policies);
}

std::shared_ptr<const Snapshot> Snapshot::with(std::span<const std::shared_ptr<const Zone>> added,
                                               std::span<const Name> removed, std::shared_ptr<const ViewTable> views,
                                               std::shared_ptr<const ZonePolicies> policies) const {
  if (state_->storage->is_newest(state_->version))
    return next(*state_, added, removed, std::move(views), std::move(policies));
  // A newer snapshot exists. A storage holds one line of versions, so this one starts a new storage.
  const std::shared_ptr<const Snapshot> same = of(zones());
  same->state_->generation = state_->generation;
  return next(*same->state_, added, removed, std::move(views), std::move(policies));
}

std::shared_ptr<const Snapshot> Snapshot::next(const State& from, std::span<const std::shared_ptr<const Zone>> added,
                                               std::span<const Name> removed, std::shared_ptr<const ViewTable> views,
                                               std::shared_ptr<const ZonePolicies> policies) {
  auto state = std::make_unique<State>();
  state->storage = from.storage;
  state->generation = from.generation + 1;
  state->size = from.size;
  state->views = std::move(views);
  state->policies = std::move(policies);
  TreeEdit edit(from.storage->tree(), from.root);
  if (state->policies != from.policies) state->renew_policies(from.root, edit);
  for (const Name& apex : removed) {
    const Key key(apex);
    if (edit.erase(KeyTail(key))) --state->size;
  }
  for (const std::shared_ptr<const Zone>& zone : added) {
    const Key key(zone->apex());
    if (edit.find(KeyTail(key)).is_null()) ++state->size;
    edit.put(KeyTail(key), from.storage->make_leaf(zone, state->policy_of(zone->apex())));
  }
  TreeEdit::Outcome edited = edit.commit();
  state->root = edited.root;
  state->version = from.storage->add_version(edited);
  state->fill_small_set();
  return std::shared_ptr<const Snapshot>(new Snapshot(std::move(state)));
}

ZoneEntry Snapshot::find_entry(const Key& key, Within within) const {
  if (state_->root.is_null()) return {};
  if (state_->size <= kMaxSmallSet && within == Within::kAtOrBelow)
    return state_->find_in_small_set(key, key.folded.data());
  const KeyTail tail(key);
  Descent descent(state_->storage->tree(), state_->root, tail, 0);
  descent.run();
  PrefetchHint(descent.node()).prefetch();  // a single query: one wait for all of the zone
  return resolve(*state_->storage, state_->root, tail, descent.node(), within);
}

bool Snapshot::is_small_set() const { return state_->size <= kMaxSmallSet; }

ZoneEntry Snapshot::find_in_small_set(const Key& begun, NameView name) const {
  return state_->find_in_small_set(begun, name.data());
}

void Snapshot::find_all(std::span<ZoneRequest> requests) const {
  std::array<KeyTail, kInterleavedDescents> tails;
  std::array<Descent, kInterleavedDescents> descents;
  while (!requests.empty()) {
    const std::span<ZoneRequest> group = requests.first(std::min(kInterleavedDescents, requests.size()));
    requests = requests.subspan(group.size());
    if (state_->root.is_null()) continue;
    for (std::size_t i = 0; i < group.size(); ++i) {
      tails[i] = KeyTail(*group[i].key);
      descents[i] = Descent(state_->storage->tree(), state_->root, tails[i], 0);
    }
    run_interleaved({descents.data(), group.size()});
    for (std::size_t i = 0; i < group.size(); ++i)
      group[i].entry = resolve(*state_->storage, state_->root, tails[i], descents[i].node(), group[i].within);
  }
}

std::size_t Snapshot::size() const { return state_->size; }

std::uint64_t Snapshot::generation() const { return state_->generation; }

const std::shared_ptr<const ViewTable>& Snapshot::views() const { return state_->views; }

const std::shared_ptr<const ZonePolicies>& Snapshot::policies() const { return state_->policies; }

std::vector<std::shared_ptr<const Zone>> Snapshot::zones() const {
  std::vector<std::shared_ptr<const Zone>> zones;
  zones.reserve(state_->size);
  visit_leaves(state_->storage->tree(), state_->root, [&](Node leaf) {
    zones.push_back(state_->storage->zone_owner(leaf));
    return true;
  });
  return zones;
}

}  // namespace dns
