#include "zone/snapshot/leaf_maker.h"

#include <algorithm>
#include <utility>

#include "zone/snapshot/check.h"

namespace dns {
namespace {

// Types whose sets do not repeat from owner to owner: looking for an equal body would only cost.
bool is_unique_by_nature(Type type) { return type == Type::RRSIG || type == Type::NSEC || type == Type::NSEC3; }

}  // namespace

LeafMaker::LeafMaker(ZoneStorage& storage, BodyTable& bodies, Lock* lock)
    : storage_(storage), bodies_(bodies), visit_(bodies), room_(storage.tree(), lock), alone_(lock == nullptr) {}

AddOutcome LeafMaker::add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata) {
  OwnerRun* const run = run_of(owner);
  return run == nullptr ? AddOutcome::kOutOfZone : run->add(SetKind::of_record(type, rdata), ttl, rdata);
}

void LeafMaker::complete() {
  for (std::size_t age = 1; age <= kOpenRuns; ++age) close(runs_[(newest_ + age) % kOpenRuns]);
  visit_.end();
}

LeafMaker::Made LeafMaker::end() {
  complete();
  return std::exchange(made_, {});
}

// Where the owner's records gather; null where it lies outside the zone.
OwnerRun* LeafMaker::run_of(NameView owner) {
  for (std::size_t age = 0; age < kOpenRuns; ++age) {
    OwnerRun& run = runs_[(newest_ + kOpenRuns - age) % kOpenRuns];
    if (!run.empty() && run.owner() == owner) return &run;
  }
  if (!owner.is_within(storage_.apex())) return nullptr;
  look_ahead();
  newest_ = (newest_ + 1) % kOpenRuns;
  close(runs_[newest_]);
  runs_[newest_].open(owner);
  return &runs_[newest_];
}

// The newest run is complete, as a rule: where its bodies may stand already is fetched while the next owners are read. One
// that gets a record after all is asked for again when it is closed.
void LeafMaker::look_ahead() {
  OwnerRun& before = runs_[(newest_ + kOpenRuns - 1) % kOpenRuns];
  if (before.is_packed())
    for (const PackedSet& set : before.sets()) bodies_.expect_body(set.hash);
  if (!runs_[newest_].empty()) expect_bodies(runs_[newest_]);
}

void LeafMaker::expect_bodies(OwnerRun& run) {
  for (PackedSet& set : run.sets())
    if (!is_unique_by_nature(set.kind.type())) set.hash = bodies_.expect(set.ttl, set.count, set.packed);
}

void LeafMaker::close(OwnerRun& run) {
  if (run.empty()) return;
  const Bytes owner = run.owner().bytes();
  const Bytes relative = owner.first(owner.size() - storage_.apex().size());
  made_.leaves.push_back(LooseLeaf::of(relative, make_leaf(relative, run), run_));
  run.clear();
}

Node LeafMaker::make_leaf(Bytes relative, OwnerRun& run) {
  entries_.clear();
  if (!run.is_packed()) expect_bodies(run);
  for (const PackedSet& set : run.sets()) {
    std::uint32_t body = 0;
    if (is_unique_by_nature(set.kind.type())) {
      body = storage_.make_body(room_, set.ttl, set.count, set.packed);
    } else {
      if (alone_) bodies_.make_room();
      else visit_.take_place();
      body = bodies_.intern(room_, set.hash, set.ttl, set.count, set.packed);
    }
    entries_.push_back({set.kind, body});
    made_.totals.records += set.count;
    if (set.kind.type() != Type::RRSIG) made_.largest = std::max(made_.largest, set_octets(set.count, set.packed.size()));
  }
  made_.totals.sets += entries_.size();
  ++made_.totals.names;
  return storage_.make_leaf(room_, relative, entries_);
}

LooseLeaf LeafMaker::merge(std::span<const LooseLeaf> parts, std::vector<ZoneBuilder::Late>& late, std::vector<Node>& merged) {
  const Bytes relative = storage_.tree().owner(parts.front().leaf());
  const Name owner = *join(relative, storage_.apex());
  OwnerRun& run = runs_.front();
  run.open(owner);
  for (const LooseLeaf& part : parts) {
    for (std::size_t index = 0; index < storage_.set_count(part.leaf()); ++index) {
      const SetEntry entry = storage_.entry(part.leaf(), index);
      const RrsetView set = storage_.view(entry);
      made_.totals.records -= set.count;
      AddOutcome said = AddOutcome::kAdded;  // an outcome is told once a set, not once a record
      for (const Bytes rdata : set) {
        const AddOutcome outcome = run.add(entry.kind, set.ttl, rdata);
        if (outcome != AddOutcome::kAdded && outcome != said) late.push_back({outcome, owner, set.type});
        said = outcome;
      }
    }
    made_.totals.sets -= storage_.set_count(part.leaf());
    --made_.totals.names;
    merged.push_back(part.leaf());
  }
  LooseLeaf whole = parts.front();
  if (!alone_) visit_.begin();
  const Node leaf = make_leaf(relative, run);
  whole.ref = leaf.ref();
  whole.marks = static_cast<std::uint8_t>(leaf.marks());
  visit_.end();
  run.clear();
  return whole;
}

}  // namespace dns
