// The first step of an answer: find the zone of a name, then look the name up in it. For one name or for a batch.
//
// In a batch the descents run side by side: while one waits for memory, the others continue. Once the zones are larger
// than the caches, this is about six times as fast as one lookup after the other.
#pragma once

#include <span>

#include "zone/snapshot/snapshot.h"

namespace dns {

struct ZoneLookup {
  const Zone* zone = nullptr;  // null: the server has no zone for the name
  Lookup found;
  enum class From : std::uint8_t { kOwn, kParent } from = From::kOwn;  // kParent: DS, answered by the parent zone
  const ZonePolicy* policy = nullptr;                                  // of the zone; null: it has none
};

// The cut at or above a name of `labels` labels, or a DNAME above the name but not at it; null if there is none.
inline const NodeView* cut_or_dname_of(const Lookup& lookup, std::size_t labels) {
  if (!lookup.cut_or_dname || (!lookup.cut_or_dname->is_cut() && lookup.cut_or_dname_labels == labels)) return nullptr;
  return &*lookup.cut_or_dname;
}

// For one name: the zone that answers for `type` at it, and the lookup in that zone. `key` is the key of the name.
ZoneLookup look_up_name(const Snapshot& snapshot, const Key& key, Type type);

// One name of a batch.
struct BatchLookup {
  Key* key = nullptr;  // null: the entry is skipped. Output, except for the labels of the zone's apex and above
  NameView name;
  Type type{};
  ZoneLookup result;  // output
};

inline constexpr std::size_t kMaxLookupBatch = 64;  // names

// The same for at most kMaxLookupBatch names. It also fills in their keys.
void look_up_batch(const Snapshot& snapshot, std::span<BatchLookup> batch);

}  // namespace dns
