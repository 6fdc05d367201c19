#include "zone/answer/start.h"

namespace dns {
namespace {

constexpr std::size_t kWorthwhile = 4;  // names; fewer gain less side by side than the bookkeeping costs

}  // namespace

// A child's apex is its parent's for DS alone, and only where the parent itself answers there: a cut further up leaves the
// name to the child, which says that it has none (RFC 4035 3.1.4.1).
Start find_start(const Snapshot& snapshot, const Key& key, Type type) {
  const Zone* own = snapshot.find(key);
  if (type == Type::DS) {
    const Zone* parent = snapshot.find(key, Snapshot::Within::kStrictlyBelow);
    if (parent != nullptr && parent != own) {
      Start start{parent, parent->find(key), Start::From::kParent};
      if (cover_of(start.lookup, key.labels) == nullptr || start.lookup.covering_labels == key.labels) return start;
    }
  }
  if (own == nullptr) return {};
  return {own, own->find(key), Start::From::kOwn};
}

void find_starts(const Snapshot& snapshot, std::span<Starting> batch) {
  if (batch.size() < kWorthwhile) {
    for (Starting& one : batch)
      if (one.key != nullptr) one.start = find_start(snapshot, *one.key, one.type);
    return;
  }
  require(batch.size() <= kMaxStarts, "a batch has at most kMaxStarts names");
  std::array<Snapshot::ZoneSeek, kMaxStarts> zones;
  std::array<Seek, kMaxStarts> names;
  std::array<Starting*, kMaxStarts> asked;
  std::size_t count = 0;
  for (Starting& one : batch) {
    if (one.key == nullptr) continue;
    if (one.type == Type::DS) {  // rare, and may need two descents
      one.start = find_start(snapshot, *one.key, one.type);
      continue;
    }
    asked[count] = &one;
    zones[count++].key = one.key;
  }
  snapshot.find_all(std::span(zones).first(count));
  for (std::size_t i = 0; i < count; ++i) {
    Start& start = asked[i]->start;
    start.zone = zones[i].zone;
    start.from = Start::From::kOwn;
    names[i] = {.zone = zones[i].zone, .key = zones[i].key, .lookup = &start.lookup};
  }
  find_all(std::span(names).first(count));
}

}  // namespace dns
