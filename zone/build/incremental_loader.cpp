#include "zone/build/incremental_loader.h"

#include <algorithm>
#include <array>

#include "zone/build/builder.h"
#include "zone/build/owner_buffer.h"
#include "zone/snapshot/diff.h"

namespace dns {
namespace {

constexpr std::size_t kBuffers = kInterleavedDescents;
constexpr std::size_t kOpenBuffers = 4;  // open owners, for files with "ns1 A, ns2 A, ns1 AAAA"
constexpr std::size_t kMinChangedLimit = 1000;
// One of this many owners may differ. With more differences, building the whole zone is cheaper.
constexpr std::size_t kChangedShare = 32;

}  // namespace

struct IncrementalLoader::State {
  explicit State(const Zone& zone)
      : version(zone),
        storage(*zone.storage()),
        changed(zone.apex()),
        most(kMinChangedLimit + zone.totals().names / kChangedShare) {}

  OwnerBuffer* buffer_of(NameView owner);
  void complete_all();
  void complete(OwnerBuffer& buffer, Node leaf);
  bool equals(OwnerBuffer& buffer, Node leaf) const;
  void keep_changed(OwnerBuffer& buffer);
  bool mark_seen(Node leaf);
  bool seen(Node leaf) const { return leaf.ref() < seen_words.size() && seen_words[leaf.ref()]; }

  void change_owner(const ZoneStorage& others, Node other, Change& change);
  void remove_rest(const ZoneStorage& others, Change& change);

  const Zone& version;
  const ZoneStorage& storage;
  std::array<OwnerBuffer, kBuffers> buffers;
  std::size_t count = 0;  // number of buffers begun
  std::array<Key, kBuffers> keys;
  std::array<KeyTail, kBuffers> tails;
  std::array<Descent, kBuffers> descents;
  ZoneBuilder changed;  // owners that differ
  std::size_t differing = 0, most;
  std::vector<bool> seen_words;  // at the first word of the record of each seen leaf
  bool ended = false;
};

IncrementalLoader::IncrementalLoader(const Zone& version) : state_(std::make_unique<State>(version)) {}
IncrementalLoader::~IncrementalLoader() = default;

bool IncrementalLoader::add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata) {
  State& state = *state_;
  OwnerBuffer* const buffer = state.buffer_of(owner);
  if (buffer == nullptr || buffer->add(RrsetKind::of_record(type, rdata), ttl, rdata) != AddOutcome::kAdded)
    state.ended = true;
  return !state.ended;
}

std::optional<Change> IncrementalLoader::finish() {
  State& state = *state_;
  state.complete_all();
  const ZoneBuilder::Finished built = state.changed.finish();
  if (state.ended || !built.deferred.empty()) return std::nullopt;
  Change change{state.version.apex(), {}};
  const ZoneStorage& others = *built.zone->storage();
  visit_leaves(others.tree(), built.zone->root(), [&](Node other) {
    state.change_owner(others, other, change);
    return !state.ended;
  });
  if (!state.ended) state.remove_rest(others, change);
  if (state.ended) return std::nullopt;
  std::ranges::stable_sort(
      change.sets, [](const RrsetChange& a, const RrsetChange& b) { return canonical_order(a.owner, b.owner) < 0; });
  return change;
}

// The buffer of the owner; null if it lies outside the zone.
OwnerBuffer* IncrementalLoader::State::buffer_of(NameView owner) {
  for (std::size_t back = 1; back <= std::min(count, kOpenBuffers); ++back)
    if (buffers[count - back].owner() == owner) return &buffers[count - back];
  if (!owner.is_within(version.apex())) return nullptr;
  if (count == kBuffers) complete_all();
  buffers[count].clear();
  buffers[count].open(owner);
  return &buffers[count++];
}

void IncrementalLoader::State::complete_all() {
  for (std::size_t i = 0; i < count; ++i) {
    keys[i].assign(buffers[i].owner());
    tails[i] = KeyTail(keys[i], storage.extent());
    if (!version.root().is_null()) descents[i] = Descent(storage.tree(), version.root(), tails[i], 0);
  }
  if (!version.root().is_null()) {
    run_interleaved({descents.data(), count});
    for (std::size_t i = 0; i < count; ++i) storage.prefetch_bodies(descents[i].node());
  }
  for (std::size_t i = 0; i < count && !ended; ++i) {
    const Node leaf = version.root().is_null() ? Node() : descents[i].node();
    complete(buffers[i], !leaf.is_null() && leaf_is(storage.tree(), leaf, tails[i]) ? leaf : Node());
  }
  count = 0;
}

void IncrementalLoader::State::complete(OwnerBuffer& buffer, Node leaf) {
  if (leaf.is_null() || !equals(buffer, leaf)) {
    keep_changed(buffer);
  } else if (!mark_seen(leaf)) {
    ended = true;  // the same leaf twice
  }
}

bool IncrementalLoader::State::equals(OwnerBuffer& buffer, Node leaf) const {
  std::size_t at = 0;
  bool equal = true;
  for (const PackedRrset& set : buffer.sets()) {
    if (at == storage.set_count(leaf)) equal = false;
    if (!equal) break;
    const RrsetEntry entry = storage.entry(leaf, at++);
    equal = entry.kind == set.kind && storage.body_equals(entry.body, set.ttl, set.count, set.packed);
  }
  return equal && at == storage.set_count(leaf);
}

void IncrementalLoader::State::keep_changed(OwnerBuffer& buffer) {
  if (++differing > most) ended = true;
  for (const PackedRrset& packed : buffer.sets()) {
    const RrsetView set{packed.kind.type(), packed.count, packed.ttl, packed.packed.data()};
    for (const Bytes rdata : set)
      if (changed.add(buffer.owner(), set.type, set.ttl, rdata) != AddOutcome::kAdded) ended = true;
  }
}

// False if the leaf was seen before.
bool IncrementalLoader::State::mark_seen(Node leaf) {
  if (seen(leaf)) return false;
  if (leaf.ref() >= seen_words.size()) seen_words.resize(std::max<std::size_t>(leaf.ref() + 1, seen_words.size() * 2));
  seen_words[leaf.ref()] = true;
  return true;
}

// Adds the changes from the version's leaf to the leaf of the second zone.
void IncrementalLoader::State::change_owner(const ZoneStorage& others, Node other, Change& change) {
  Key key;
  key.assign_labels(others.tree().owner(other));
  const KeyTail tail(key);
  Node leaf;
  if (!version.root().is_null()) {
    Descent descent(storage.tree(), version.root(), tail, 0);
    descent.run();
    if (leaf_is(storage.tree(), descent.node(), tail)) leaf = descent.node();
  }
  if (leaf.is_null() || mark_seen(leaf)) return diff_owner({&storage, leaf}, {&others, other}, change);
  ended = true;  // one buffer was equal to the leaf of the version, and more records came later
}

void IncrementalLoader::State::remove_rest(const ZoneStorage& others, Change& change) {
  visit_leaves(storage.tree(), version.root(), [&](Node leaf) {
    if (seen(leaf)) return true;
    diff_owner({&storage, leaf}, {&others, {}}, change);
    ended = ++differing > most;
    return !ended;
  });
}

}  // namespace dns
