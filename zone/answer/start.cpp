#include "zone/answer/start.h"

namespace dns {
namespace {

constexpr std::size_t kWorthwhile = 4;  // names; fewer gain less side by side than the bookkeeping costs

using Seeks = std::array<Seek, kMaxStarts>;

// DS may need two descents, and is rare.
void start_alone(const Snapshot& snapshot, Starting& one) {
  one.key->assign(one.name);
  one.start = find_start(snapshot, *one.key, one.type);
}

void seek(Starting& one, const Zone* zone, Seek& seek) {
  one.start.zone = zone;
  one.start.from = Start::From::kOwn;
  seek = {.zone = zone, .key = one.key, .lookup = &one.start.lookup};
}

// These two find the zones, and return how many names are left to be found in them.
std::size_t seek_among_few(const Snapshot& snapshot, std::span<Starting> batch, Seeks& names) {
  std::size_t count = 0;
  for (Starting& one : batch) {
    if (one.key == nullptr) continue;
    if (one.type == Type::DS) {
      start_alone(snapshot, one);
      continue;
    }
    one.key->begin(one.name);
    const Zone* const zone = snapshot.find_among_few(*one.key, one.name);
    if (zone != nullptr) one.key->finish(one.name, zone->apex_extent());
    seek(one, zone, names[count++]);
  }
  return count;
}

std::size_t seek_among_many(const Snapshot& snapshot, std::span<Starting> batch, Seeks& names) {
  std::array<Snapshot::ZoneSeek, kMaxStarts> zones;
  std::array<Starting*, kMaxStarts> asked;
  std::size_t count = 0;
  for (Starting& one : batch) {
    if (one.key == nullptr) continue;
    if (one.type == Type::DS || batch.size() < kWorthwhile) {
      start_alone(snapshot, one);
      continue;
    }
    one.key->assign(one.name);
    asked[count] = &one;
    zones[count++].key = one.key;
  }
  snapshot.find_all(std::span(zones).first(count));
  for (std::size_t i = 0; i < count; ++i) seek(*asked[i], zones[i].zone, names[i]);
  return count;
}

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
  require(batch.size() <= kMaxStarts, "a batch has at most kMaxStarts names");
  std::array<Seek, kMaxStarts> names;
  const std::size_t count = snapshot.is_few() ? seek_among_few(snapshot, batch, names) : seek_among_many(snapshot, batch, names);
  find_all(std::span(names).first(count));
}

}  // namespace dns
