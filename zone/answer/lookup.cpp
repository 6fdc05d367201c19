#include "zone/answer/lookup.h"

namespace dns {
namespace {

constexpr std::size_t kMinBatch = 4;  // names; for fewer, the bookkeeping costs more than it gains

using LookupRequests = std::array<LookupRequest, kMaxLookupBatch>;

// DS may need two descents, and is rare.
void look_up_alone(const Snapshot& snapshot, BatchLookup& one) {
  one.key->assign(one.name);
  one.result = look_up_name(snapshot, *one.key, one.type);
}

void prepare_request(BatchLookup& one, const ZoneEntry& entry, LookupRequest& request) {
  one.result.zone = entry.zone;
  one.result.policy = entry.policy;
  one.result.from = ZoneLookup::From::kOwn;
  request = {.zone = entry.zone, .key = one.key, .lookup = &one.result.found};
}

// The next two functions find the zone of each name. They return how many names are to be looked up in their zones.
std::size_t prepare_in_small_set(const Snapshot& snapshot, std::span<BatchLookup> batch, LookupRequests& names) {
  std::size_t count = 0;
  for (BatchLookup& one : batch) {
    if (one.key == nullptr) continue;
    if (one.type == Type::DS) {
      look_up_alone(snapshot, one);
      continue;
    }
    one.key->begin(one.name);
    const ZoneEntry entry = snapshot.find_in_small_set(*one.key, one.name);
    if (entry.zone != nullptr) one.key->finish(one.name, entry.zone->apex_extent());
    prepare_request(one, entry, names[count++]);
  }
  return count;
}

std::size_t prepare_in_tree(const Snapshot& snapshot, std::span<BatchLookup> batch, LookupRequests& names) {
  std::array<Snapshot::ZoneRequest, kMaxLookupBatch> zones;
  std::array<BatchLookup*, kMaxLookupBatch> asked;
  std::size_t count = 0;
  for (BatchLookup& one : batch) {
    if (one.key == nullptr) continue;
    if (one.type == Type::DS || batch.size() < kMinBatch) {
      look_up_alone(snapshot, one);
      continue;
    }
    one.key->assign(one.name);
    asked[count] = &one;
    zones[count++].key = one.key;
  }
  snapshot.find_all(std::span(zones).first(count));
  for (std::size_t i = 0; i < count; ++i) prepare_request(*asked[i], zones[i].entry, names[i]);
  return count;
}

}  // namespace

// DS at a child's apex belongs to the parent, but only if the parent itself is authoritative there. If the parent has a
// cut further up, the child answers that it has no DS (RFC 4035 3.1.4.1).
ZoneLookup look_up_name(const Snapshot& snapshot, const Key& key, Type type) {
  const ZoneEntry own = snapshot.find_entry(key);
  if (type == Type::DS) {
    const ZoneEntry parent = snapshot.find_entry(key, Snapshot::Within::kStrictlyBelow);
    if (parent.zone != nullptr && parent.zone != own.zone) {
      ZoneLookup lookup{parent.zone, parent.zone->find(key), ZoneLookup::From::kParent, parent.policy};
      if (cut_or_dname_of(lookup.found, key.labels) == nullptr || lookup.found.cut_or_dname_labels == key.labels)
        return lookup;
    }
  }
  if (own.zone == nullptr) return {};
  return {own.zone, own.zone->find(key), ZoneLookup::From::kOwn, own.policy};
}

void look_up_batch(const Snapshot& snapshot, std::span<BatchLookup> batch) {
  require(batch.size() <= kMaxLookupBatch, "a batch has at most kMaxLookupBatch names");
  std::array<LookupRequest, kMaxLookupBatch> names;
  const std::size_t count =
      snapshot.is_small_set() ? prepare_in_small_set(snapshot, batch, names) : prepare_in_tree(snapshot, batch, names);
  find_all(std::span(names).first(count));
}

}  // namespace dns
