// From a name to the zone that answers for it and to what that zone has there: where every walk begins, alone or in a batch.
//
// In a batch the descents go down side by side, so that each waits for memory while the others do: about six times as fast
// as one after the other once the zones exceed the caches.
#pragma once

#include <span>

#include "zone/snapshot/snapshot.h"

namespace dns {

struct Descent {
  const Zone* zone = nullptr;  // null: no zone of ours
  Lookup lookup;
  enum class From : std::uint8_t { kOwn, kParent } from = From::kOwn;  // kParent: DS, answered above the child's apex
};

// The descent for one name: the zone that answers for `type` at it, and its lookup. `key` is of the name.
Descent descend(const Snapshot& snapshot, const Key& key, Type type);

// One of a batch.
struct Descending {
  const Key* key = nullptr;    // null: passed over
  Type type{};
  Descent descent;             // set
};

inline constexpr std::size_t kMaxDescents = 64;  // of one batch

// The same for at most kMaxDescents names.
void descend_all(const Snapshot& snapshot, std::span<Descending> batch);

}  // namespace dns
