#include "zone/snapshot/snapshot.h"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>

#include "zone/base/ascii.h"
#include "zone/snapshot/storage.h"
#include "zone/tree/edit.h"

namespace dns {
namespace {

// What the snapshots of one line share. Payload of a leaf: the addresses of the zone and of its storage, each in two words, then
// its slot. Two addresses, so that memory is asked for both at once.
class ApexStorage {
 public:
  static constexpr std::uint32_t kPayloadWords = 5, kStorageWord = 2, kSlotWord = 4;

  const TreeStore& tree() const { return tree_; }
  TreeStore& tree() { return tree_; }

  const Zone* zone(Node leaf) const {
    const Zone* zone = nullptr;
    std::memcpy(&zone, tree_.payload(leaf), sizeof zone);
    return zone;
  }
  // The same, on its way to the cache.
  const Zone* expect(Node leaf) const {
    const Zone* const zone = this->zone(leaf);
    const ZoneStorage* storage = nullptr;
    std::memcpy(&storage, tree_.payload(leaf) + kStorageWord, sizeof storage);
    __builtin_prefetch(zone);
    storage->prefetch();
    return zone;
  }
  const std::shared_ptr<const Zone>& held(Node leaf) const { return zones_[slot(leaf)]; }

  Node make_leaf(std::shared_ptr<const Zone> zone) {
    const Bytes owner = zone->apex().bytes().first(zone->apex().size() - 1);
    const std::uint32_t ref = tree_.allocate_record(owner, 0, kPayloadWords);
    std::uint32_t* const payload = tree_.words_at(ref) + TreeStore::head_words(owner.size());
    const Zone* const address = zone.get();
    const ZoneStorage* const storage = zone->storage().get();
    std::memcpy(payload, &address, sizeof address);
    std::memcpy(payload + kStorageWord, &storage, sizeof storage);
    payload[kSlotWord] = take_slot(std::move(zone));
    return Node::leaf(0, ref);
  }

  std::uint64_t add_version(TreeEdit::Outcome& edited) {
    return versions_.add(std::move(edited.made), std::move(edited.retired));
  }
  bool is_newest(std::uint64_t version) const { return versions_.is_newest(version); }
  void drop_version(std::uint64_t version) {
    versions_.drop(version, [this](Garbage&& garbage) {
      for (const CellRun& run : garbage.cells) tree_.free_cells(run.ref, run.count);
      for (const Node leaf : garbage.leaves) free_leaf(leaf);
    });
  }

 private:
  std::uint32_t slot(Node leaf) const { return tree_.payload(leaf)[kSlotWord]; }

  std::uint32_t take_slot(std::shared_ptr<const Zone> zone) {
    if (free_slots_.empty()) {
      zones_.push_back(std::move(zone));
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
  VersionLine versions_;
  std::vector<std::shared_ptr<const Zone>> zones_;  // writer only: what keeps the zones alive
  std::vector<std::uint32_t> free_slots_;
};

// The zone of the deepest apex that is an ancestor of the key's name, or the name itself where that is allowed.
const Zone* resolve(const ApexStorage& storage, Node root, const KeyTail& tail, Node leaf, Snapshot::Within within) {
  const TreeStore& tree = storage.tree();
  const Reach reach = compare_leaf(tree, leaf, tail);
  if (reach.ancestor || (reach.exact && within == Snapshot::Within::kAtOrBelow)) return storage.expect(leaf);
  if (reach.exact && tail.size() == 0) return nullptr;
  const Node deepest = find_deepest(tree, root, tail, reach.exact ? tail.size() - 1 : reach.common);
  return deepest.is_null() ? nullptr : storage.expect(deepest);
}

// A zone whose apex is compared with the ends of names, where zones are few: that costs less than the tree.
class Few {
 public:
  Few() = default;
  explicit Few(const Zone& zone) : zone_(&zone), apex_(zone.apex().data()), extent_(zone.apex()) {}

  const Zone* zone() const { return zone_; }
  std::size_t labels() const { return extent_.labels; }
  // `octets` are the name's, of which the key needs to have begun only.
  bool holds(const Key& key, const std::uint8_t* octets) const {
    if (key.labels < extent_.labels || key.folded_size < extent_.octets) return false;
    const std::size_t above = key.labels - extent_.labels, at = key.folded_size - extent_.octets;
    if (extent_.labels == 0) return true;
    return key.label_at[above] == at && equal_fold({octets + at, extent_.octets}, {apex_, extent_.octets});
  }

 private:
  const Zone* zone_ = nullptr;
  const std::uint8_t* apex_ = nullptr;
  ApexExtent extent_;
};
constexpr std::size_t kFew = 4;

}  // namespace

struct Snapshot::State {
  std::shared_ptr<ApexStorage> storage;  // shared: successive snapshots live in the same arenas
  Node root;
  std::uint64_t version = 0;
  std::uint64_t generation = 0;
  std::size_t size = 0;
  std::shared_ptr<const ViewTable> views;
  std::array<Few, kFew> few = {};  // all zones, the deepest first, where they are at most kFew

  void find_few();
  const Zone* find_in_few(const Key& key, const std::uint8_t* octets) const {
    for (std::size_t i = 0; i < size; ++i)
      if (few[i].holds(key, octets)) return few[i].zone();
    return nullptr;
  }
};

void Snapshot::State::find_few() {
  if (size > kFew) return;
  std::size_t count = 0;
  visit_leaves(storage->tree(), root, [&](Node leaf) {
    few[count++] = Few(*storage->zone(leaf));
    return true;
  });
  std::ranges::stable_sort(std::span(few).first(count), std::ranges::greater{}, &Few::labels);
}

Snapshot::Snapshot(std::unique_ptr<State> state) : state_(std::move(state)) {}

Snapshot::~Snapshot() { state_->storage->drop_version(state_->version); }

std::shared_ptr<const Snapshot> Snapshot::of(std::vector<std::shared_ptr<const Zone>> zones) {
  State empty;
  empty.storage = std::make_shared<ApexStorage>();
  return next(empty, zones, {}, nullptr);
}

std::shared_ptr<const Snapshot> Snapshot::with(std::span<const std::shared_ptr<const Zone>> added,
                                               std::span<const Name> removed) const {
  return with(added, removed, state_->views);
}

std::shared_ptr<const Snapshot> Snapshot::with(std::span<const std::shared_ptr<const Zone>> added,
                                               std::span<const Name> removed, std::shared_ptr<const ViewTable> views) const {
  if (state_->storage->is_newest(state_->version)) return next(*state_, added, removed, std::move(views));
  // Another snapshot was made from this one and lives: storage is one line of versions, so begin a new line.
  const std::shared_ptr<const Snapshot> same = of(zones());
  same->state_->generation = state_->generation;
  return next(*same->state_, added, removed, std::move(views));
}

std::shared_ptr<const Snapshot> Snapshot::next(const State& from, std::span<const std::shared_ptr<const Zone>> added,
                                               std::span<const Name> removed, std::shared_ptr<const ViewTable> views) {
  TreeEdit edit(from.storage->tree(), from.root);
  std::size_t size = from.size;
  for (const Name& apex : removed) {
    const Key key(apex);
    if (edit.erase(KeyTail(key))) --size;
  }
  for (const std::shared_ptr<const Zone>& zone : added) {
    const Key key(zone->apex());
    if (edit.find(KeyTail(key)).is_null()) ++size;
    edit.put(KeyTail(key), from.storage->make_leaf(zone));
  }
  TreeEdit::Outcome edited = edit.commit();
  const std::uint64_t version = from.storage->add_version(edited);
  auto state = std::make_unique<State>(State{from.storage, edited.root, version, from.generation + 1, size, std::move(views)});
  state->find_few();
  return std::shared_ptr<const Snapshot>(new Snapshot(std::move(state)));
}

const Zone* Snapshot::find(const Key& key, Within within) const {
  if (state_->root.is_null()) return nullptr;
  if (state_->size <= kFew && within == Within::kAtOrBelow) return state_->find_in_few(key, key.folded.data());
  const KeyTail tail(key);
  Descent descent(state_->storage->tree(), state_->root, tail, 0);
  descent.run();
  return resolve(*state_->storage, state_->root, tail, descent.node(), within);
}

bool Snapshot::is_few() const { return state_->size <= kFew; }

const Zone* Snapshot::find_among_few(const Key& begun, NameView name) const { return state_->find_in_few(begun, name.data()); }

void Snapshot::find_all(std::span<ZoneSeek> seeks) const {
  std::array<KeyTail, kDescentsTogether> tails;
  std::array<Descent, kDescentsTogether> descents;
  while (!seeks.empty()) {
    const std::span<ZoneSeek> group = seeks.first(std::min(kDescentsTogether, seeks.size()));
    seeks = seeks.subspan(group.size());
    if (state_->root.is_null()) continue;
    for (std::size_t i = 0; i < group.size(); ++i) {
      tails[i] = KeyTail(*group[i].key);
      descents[i] = Descent(state_->storage->tree(), state_->root, tails[i], 0);
    }
    run_together({descents.data(), group.size()});
    for (std::size_t i = 0; i < group.size(); ++i)
      group[i].zone = resolve(*state_->storage, state_->root, tails[i], descents[i].node(), group[i].within);
  }
}

std::size_t Snapshot::size() const { return state_->size; }

std::uint64_t Snapshot::generation() const { return state_->generation; }

const std::shared_ptr<const ViewTable>& Snapshot::views() const { return state_->views; }

std::vector<std::shared_ptr<const Zone>> Snapshot::zones() const {
  std::vector<std::shared_ptr<const Zone>> zones;
  zones.reserve(state_->size);
  visit_leaves(state_->storage->tree(), state_->root, [&](Node leaf) {
    zones.push_back(state_->storage->held(leaf));
    return true;
  });
  return zones;
}

}  // namespace dns
