#include "zone/build/leaf_builder.h"

#include <algorithm>
#include <utility>

#include "zone/rr/rrset.h"

namespace dns {
namespace {

// The RRsets of these types differ from owner to owner: a search for an equal body would be wasted.
bool is_unique_by_nature(Type type) { return type == Type::RRSIG || type == Type::NSEC || type == Type::NSEC3; }

}  // namespace

LeafBuilder::LeafBuilder(ZoneStorage& storage, RrsetPool& pool, Lock* lock)
    : storage_(storage),
      pool_(pool),
      session_(pool),
      allocator_(storage.tree(), lock),
      single_threaded_(lock == nullptr) {}

AddOutcome LeafBuilder::add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata) {
  OwnerBuffer* const buffer = buffer_of(owner);
  return buffer == nullptr ? AddOutcome::kOutOfZone : buffer->add(RrsetKind::of_record(type, rdata), ttl, rdata);
}

void LeafBuilder::complete() {
  for (std::size_t age = 1; age <= kOpenBuffers; ++age) close(buffers_[(newest_ + age) % kOpenBuffers]);
  session_.end();
}

LeafBuilder::Output LeafBuilder::end() {
  complete();
  return std::exchange(output_, {});
}

// The buffer of the owner; null if it lies outside the zone.
OwnerBuffer* LeafBuilder::buffer_of(NameView owner) {
  for (std::size_t age = 0; age < kOpenBuffers; ++age) {
    OwnerBuffer& buffer = buffers_[(newest_ + kOpenBuffers - age) % kOpenBuffers];
    if (!buffer.empty() && buffer.owner() == owner) return &buffer;
  }
  if (!owner.is_within(storage_.apex())) return nullptr;
  look_ahead();
  newest_ = (newest_ + 1) % kOpenBuffers;
  close(buffers_[newest_]);
  buffers_[newest_].open(owner);
  return &buffers_[newest_];
}

// The newest buffer is usually complete. Equal bodies are prefetched while the next owners are read. If the buffer gets
// another record, `close` looks up its bodies again.
void LeafBuilder::look_ahead() {
  OwnerBuffer& before = buffers_[(newest_ + kOpenBuffers - 1) % kOpenBuffers];
  if (before.is_packed())
    for (const PackedRrset& set : before.sets()) pool_.prefetch_body(set.hash);
  if (!buffers_[newest_].empty()) prefetch_bodies(buffers_[newest_]);
}

void LeafBuilder::prefetch_bodies(OwnerBuffer& buffer) {
  for (PackedRrset& set : buffer.sets())
    if (!is_unique_by_nature(set.kind.type())) set.hash = pool_.prefetch_slot(set.ttl, set.count, set.packed);
}

void LeafBuilder::close(OwnerBuffer& buffer) {
  if (buffer.empty()) return;
  const Bytes owner = buffer.owner().bytes();
  const Bytes relative = owner.first(owner.size() - storage_.apex().size());
  output_.leaves.push_back(UnsortedLeaf::of(relative, make_leaf(relative, buffer), run_));
  buffer.clear();
}

Node LeafBuilder::make_leaf(Bytes relative, OwnerBuffer& buffer) {
  entries_.clear();
  if (!buffer.is_packed()) prefetch_bodies(buffer);
  for (const PackedRrset& set : buffer.sets()) {
    std::uint32_t body = 0;
    if (is_unique_by_nature(set.kind.type())) {
      body = storage_.make_body(allocator_, set.ttl, set.count, set.packed);
    } else {
      if (single_threaded_) pool_.make_room();
      else session_.reserve_slot();
      body = pool_.intern(allocator_, set.hash, set.ttl, set.count, set.packed);
    }
    entries_.push_back({set.kind, body});
    output_.totals.records += set.count;
    const std::size_t size = rrset_size(set.count, set.packed.size());
    if (set.kind.type() != Type::RRSIG || size > kMaxRrsetSize) output_.largest = std::max(output_.largest, size);
  }
  output_.totals.sets += entries_.size();
  ++output_.totals.names;
  return storage_.make_leaf(allocator_, relative, entries_);
}

UnsortedLeaf LeafBuilder::merge(std::span<const UnsortedLeaf> parts,
                                std::vector<ZoneBuilder::DeferredOutcome>& deferred, std::vector<Node>& merged) {
  const Bytes relative = storage_.tree().owner(parts.front().leaf());
  const Name owner = *join(relative, storage_.apex());
  OwnerBuffer& buffer = buffers_.front();
  buffer.open(owner);
  for (const UnsortedLeaf& part : parts) {
    for (std::size_t index = 0; index < storage_.set_count(part.leaf()); ++index) {
      const RrsetEntry entry = storage_.entry(part.leaf(), index);
      const RrsetView set = storage_.view(entry);
      output_.totals.records -= set.count;
      AddOutcome reported = AddOutcome::kAdded;  // report an outcome once for each RRset, not for each record
      for (const Bytes rdata : set) {
        const AddOutcome outcome = buffer.add(entry.kind, set.ttl, rdata);
        if (!is_silent(outcome) && outcome != reported) deferred.push_back({outcome, owner, set.type});
        reported = outcome;
      }
    }
    output_.totals.sets -= storage_.set_count(part.leaf());
    --output_.totals.names;
    merged.push_back(part.leaf());
  }
  UnsortedLeaf whole = parts.front();
  if (!single_threaded_) session_.begin();
  const Node leaf = make_leaf(relative, buffer);
  whole.ref = leaf.ref();
  whole.marks = static_cast<std::uint8_t>(leaf.marks());
  session_.end();
  buffer.clear();
  return whole;
}

}  // namespace dns
