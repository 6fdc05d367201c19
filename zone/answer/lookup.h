// Where a walk begins: from a name to the zone that answers for it and what that zone has there, alone or in a batch.
//
// In a batch the descents go down side by side, so that each waits for memory while the others do: about six times as
// fast as one after the other once the zones exceed the caches.
#pragma once

#include <span>

#include "zone/snapshot/snapshot.h"

namespace dns {

struct ZoneLookup {
  const Zone* zone = nullptr;  // null: no zone of ours
  Lookup found;
  enum class From : std::uint8_t { kOwn, kParent } from = From::kOwn;  // kParent: DS, answered above the child's apex
};

// The cut at or above a name of `labels` labels, or the DNAME above it, not at it; null where there is none.
inline const NodeView* cut_or_dname_of(const Lookup& lookup, std::size_t labels) {
  if (!lookup.cut_or_dname || (!lookup.cut_or_dname->is_cut() && lookup.cut_or_dname_labels == labels)) return nullptr;
  return &*lookup.cut_or_dname;
}

// For one name: the zone that answers for `type` at it, and its lookup. `key` is of the name.
ZoneLookup look_up_name(const Snapshot& snapshot, const Key& key, Type type);

// One of a batch.
struct BatchLookup {
  Key* key = nullptr;  // null: passed over. Set, but for what lies above the zone's apex
  NameView name;
  Type type{};
  ZoneLookup result;  // set
};

inline constexpr std::size_t kMaxLookupBatch = 64;  // of one batch

// The same for at most kMaxLookupBatch names, whose keys are made on the way.
void look_up_batch(const Snapshot& snapshot, std::span<BatchLookup> batch);

}  // namespace dns
