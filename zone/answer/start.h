// Where a walk begins: from a name to the zone that answers for it and what that zone has there, alone or in a batch.
//
// In a batch the descents go down side by side, so that each waits for memory while the others do: about six times as fast
// as one after the other once the zones exceed the caches.
#pragma once

#include <span>

#include "zone/snapshot/snapshot.h"

namespace dns {

struct Start {
  const Zone* zone = nullptr;  // null: no zone of ours
  Lookup lookup;
  enum class From : std::uint8_t { kOwn, kParent } from = From::kOwn;  // kParent: DS, answered above the child's apex
};

// The cut at or above a name of `labels` labels, or the DNAME above it, not at it; null where there is none.
inline const NodeView* cover_of(const Lookup& lookup, std::size_t labels) {
  if (!lookup.covering || (!lookup.covering->is_cut() && lookup.covering_labels == labels)) return nullptr;
  return &*lookup.covering;
}

// For one name: the zone that answers for `type` at it, and its lookup. `key` is of the name.
Start find_start(const Snapshot& snapshot, const Key& key, Type type);

// One of a batch.
struct Starting {
  Key* key = nullptr;  // null: passed over. Set, but for what lies above the zone's apex
  NameView name;
  Type type{};
  Start start;         // set
};

inline constexpr std::size_t kMaxStarts = 64;  // of one batch

// The same for at most kMaxStarts names, whose keys are made on the way.
void find_starts(const Snapshot& snapshot, std::span<Starting> batch);

}  // namespace dns
