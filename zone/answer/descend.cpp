#include "zone/answer/descend.h"

namespace dns {
namespace {

constexpr std::size_t kWorthwhile = 4;  // descents; fewer gain less side by side than the bookkeeping costs

}  // namespace

// A child's apex is its parent's for DS alone, and only where the parent itself answers there: a cut further up leaves the
// name to the child, which says that it has none (RFC 4035 3.1.4.1).
Descent descend(const Snapshot& snapshot, const Key& key, Type type) {
  const Zone* own = snapshot.find(key);
  if (type == Type::DS) {
    const Zone* parent = snapshot.find(key, Snapshot::Within::kStrictlyBelow);
    if (parent != nullptr && parent != own) {
      Descent descent{parent, parent->find(key), Descent::From::kParent};
      if (!descent.lookup.covering || descent.lookup.covering_labels == key.labels) return descent;
    }
  }
  if (own == nullptr) return {};
  return {own, own->find(key), Descent::From::kOwn};
}

void descend_all(const Snapshot& snapshot, std::span<Descending> batch) {
  if (batch.size() < kWorthwhile) {
    for (Descending& one : batch)
      if (one.key != nullptr) one.descent = descend(snapshot, *one.key, one.type);
    return;
  }
  require(batch.size() <= kMaxDescents, "a batch has at most kMaxDescents names");
  std::array<Snapshot::ZoneSeek, kMaxDescents> zones;
  std::array<Seek, kMaxDescents> names;
  std::array<Descending*, kMaxDescents> asked;
  std::size_t count = 0;
  for (Descending& one : batch) {
    if (one.key == nullptr) continue;
    if (one.type == Type::DS) {  // rare, and may need two descents
      one.descent = descend(snapshot, *one.key, one.type);
      continue;
    }
    asked[count] = &one;
    zones[count++].key = one.key;
  }
  snapshot.find_all(std::span(zones).first(count));
  for (std::size_t i = 0; i < count; ++i) {
    names[i].zone = zones[i].zone;
    names[i].key = zones[i].key;
  }
  find_all(std::span(names).first(count));
  for (std::size_t i = 0; i < count; ++i) asked[i]->descent = {names[i].zone, names[i].lookup, Descent::From::kOwn};
}

}  // namespace dns
