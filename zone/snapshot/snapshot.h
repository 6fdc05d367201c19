// All zones at one instant: the one value that is answered from. Immutable; any thread reads it without locks.
//
// A tree of apexes whose leaves hold zones: replacing one zone of 100,000 copies one path. A snapshot keeps its zones
// alive, and is destroyed on the writer's thread only.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "zone/snapshot/views.h"
#include "zone/snapshot/zone.h"

namespace dns {

class Snapshot {
 public:
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  // A first snapshot. No two zones have the same apex.
  static std::shared_ptr<const Snapshot> of(std::vector<std::shared_ptr<const Zone>> zones);
  // This one with `added` put in place of zones of the same apex, or beside them, and `removed` apexes gone.
  std::shared_ptr<const Snapshot> with(std::span<const std::shared_ptr<const Zone>> added,
                                       std::span<const Name> removed) const;
  // The same, and clients are told apart by `views` from now on: the table that the zones' choices were made for. Null:
  // none.
  std::shared_ptr<const Snapshot> with(std::span<const std::shared_ptr<const Zone>> added,
                                       std::span<const Name> removed, std::shared_ptr<const ViewTable> views) const;

  enum class Within : std::uint8_t { kAtOrBelow, kStrictlyBelow };
  // The zone with the longest apex that `key`'s name lies at or below; strictly below for DS, which the parent answers.
  const Zone* find(const Key& key, Within within = Within::kAtOrBelow) const;

  // Whether there are so few zones that comparing all apexes costs less than a descent, and that: `find` for a key that
  // has begun.
  bool is_small_set() const;
  const Zone* find_in_small_set(const Key& begun, NameView name) const;

  // A question for a zone among many: see `find_all`.
  struct ZoneRequest {
    const Key* key = nullptr;
    Within within = Within::kAtOrBelow;
    const Zone* zone = nullptr;  // set
  };
  // `find` for all, descending together so that they wait for memory at the same time.
  void find_all(std::span<ZoneRequest> requests) const;

  std::size_t size() const;
  std::uint64_t generation() const;  // one more with each `with`
  // Whom the zones' choices look at; null where nobody is told apart. Shared: whoever decides holds the table too.
  const std::shared_ptr<const ViewTable>& views() const;
  std::vector<std::shared_ptr<const Zone>> zones() const;  // in canonical order of apexes

 private:
  struct State;
  explicit Snapshot(std::unique_ptr<State> state);
  static std::shared_ptr<const Snapshot> next(const State& from, std::span<const std::shared_ptr<const Zone>> added,
                                              std::span<const Name> removed, std::shared_ptr<const ViewTable> views);

  std::unique_ptr<State> state_;
};

}  // namespace dns
