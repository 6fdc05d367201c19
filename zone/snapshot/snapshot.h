// All zones at one point in time. The server answers every query from one snapshot. Immutable; any thread may read it
// without locks.
//
// A snapshot is a tree of apexes with zones in its leaves: replacing one zone of 100,000 copies one path. A snapshot
// keeps its zones alive. Destroy it only on the writer's thread.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "zone/snapshot/policy.h"
#include "zone/snapshot/zone.h"

namespace dns {

// A zone and its policy. Both are null if there is no zone; the policy also if the zone has none.
struct ZoneEntry {
  const Zone* zone = nullptr;
  const ZonePolicy* policy = nullptr;
};

class Snapshot {
 public:
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  // Makes the first snapshot. No two zones have the same apex.
  static std::shared_ptr<const Snapshot> of(std::vector<std::shared_ptr<const Zone>> zones);
  // A copy of this snapshot in which the zones of `removed` apexes are gone and each zone of `added` is new or replaces
  // the zone with the same apex.
  std::shared_ptr<const Snapshot> with(std::span<const std::shared_ptr<const Zone>> added,
                                       std::span<const Name> removed) const;
  // The same with a new view table, the one that the zones' client choices refer to. Null: no views.
  std::shared_ptr<const Snapshot> with(std::span<const std::shared_ptr<const Zone>> added,
                                       std::span<const Name> removed, std::shared_ptr<const ViewTable> views) const;
  // The same with new policies, which visits all zones if they are not those of this snapshot. Null: no policies.
  std::shared_ptr<const Snapshot> with(std::span<const std::shared_ptr<const Zone>> added,
                                       std::span<const Name> removed, std::shared_ptr<const ViewTable> views,
                                       std::shared_ptr<const ZonePolicies> policies) const;

  enum class Within : std::uint8_t { kAtOrBelow, kStrictlyBelow };
  // The zone with the longest apex at or above `key`'s name. For DS use kStrictlyBelow: the parent zone answers it.
  ZoneEntry find_entry(const Key& key, Within within = Within::kAtOrBelow) const;
  const Zone* find(const Key& key, Within within = Within::kAtOrBelow) const { return find_entry(key, within).zone; }

  // With few zones, comparing all apexes costs less than a descent. `find_in_small_set` does so, and needs only a begun
  // key. Use it only if `is_small_set`.
  bool is_small_set() const;
  ZoneEntry find_in_small_set(const Key& begun, NameView name) const;

  // One request of `find_all`.
  struct ZoneRequest {
    const Key* key = nullptr;
    Within within = Within::kAtOrBelow;
    ZoneEntry entry{};  // the result
  };
  // `find_entry` for all requests. The descents run interleaved, so their cache misses overlap.
  void find_all(std::span<ZoneRequest> requests) const;

  std::size_t size() const;
  std::uint64_t generation() const;  // each `with` adds 1
  // The view table that the zones' client choices refer to; null without views. Shared with the failover controller.
  const std::shared_ptr<const ViewTable>& views() const;
  const std::shared_ptr<const ZonePolicies>& policies() const;  // null without policies
  std::vector<std::shared_ptr<const Zone>> zones() const;       // in canonical order of apexes

 private:
  struct State;
  explicit Snapshot(std::unique_ptr<State> state);
  static std::shared_ptr<const Snapshot> next(const State& from, std::span<const std::shared_ptr<const Zone>> added,
                                              std::span<const Name> removed, std::shared_ptr<const ViewTable> views,
                                              std::shared_ptr<const ZonePolicies> policies);

  std::unique_ptr<State> state_;
};

}  // namespace dns
