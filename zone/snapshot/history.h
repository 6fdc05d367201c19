// The latest changes of one zone: what differs between a version that somebody has and the newest one.
//
//     steps_   | 7 -> 8 | 8 -> 9 | 9 -> 12 |        each continues where the last one ends; the oldest ones are dropped
//     since(8)     8 -> 9 -> 12 as one Change: an RRset that changes twice is in it once, one that changes back is not
//
// A step is the octets of a Change without its client choices, which no other server sees. Steps are immutable and
// shared. A history is a value of its writer's thread; a copy costs a reference for each step, and any thread may read
// it.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "zone/snapshot/change.h"

namespace dns {

struct HistoryStep {
  Serial from, to;
  std::vector<std::uint8_t> octets;  // the RRset changes, without owners' apex

  // Of all that a step occupies, about.
  std::size_t size() const { return sizeof(HistoryStep) + octets.size(); }
};
using HistoryStepPtr = std::shared_ptr<const HistoryStep>;  // never null in a history

// Null if the step would be larger than `max_octets`.
HistoryStepPtr to_step(const Change& change, std::size_t max_octets);
Change to_change(const HistoryStep& step, NameView apex);

// A step whose octets come from a disk. Null if they are no changes of the zone `apex`.
HistoryStepPtr read_step(Bytes octets, NameView apex, Serial from, Serial to);

// One change for several in a row, from the first one's serial to the last one's. Without what cancels out.
Change condense(std::span<const Change> changes);

class History {
 public:
  static constexpr std::size_t kMaxSteps = 1024;

  // Adds the step that led to the newest version. A step that does not continue the last one, or that keeps or lowers
  // the serial, ends the history: who has an earlier version needs the whole zone. So does null.
  void add(const HistoryStepPtr& step);
  // Drops the oldest steps until at most `octets` remain.
  void limit(std::size_t octets);
  void clear();

  // What leads from the version with this serial to the newest one; nothing if that is not known.
  std::optional<Change> since(Serial serial, NameView apex) const;

  // Whether the newest step leads to the version with this serial.
  bool leads_to(Serial serial) const { return !steps_.empty() && steps_.back()->to == serial; }

  std::span<const HistoryStepPtr> steps() const { return steps_; }  // from the oldest to the newest
  std::size_t octets() const { return octets_; }

 private:
  void drop(std::size_t count);

  std::vector<HistoryStepPtr> steps_;
  std::size_t octets_ = 0;
};

// Limits histories to `octets` in all and returns what they take then. `total`: what they take now. Each call of
// `for_each` calls its argument with each history. The largest are cut first, and a quarter more than needed, so that
// this is seldom.
template <class ForEach>
std::size_t limit_histories(std::size_t total, std::size_t octets, ForEach&& for_each) {
  if (total <= octets) return total;
  std::size_t most = 0;
  for_each([&](const History& history) { most = std::max(most, history.octets()); });
  while (total > octets / 4 * 3) {
    most /= 2;
    total = 0;
    for_each([&](History& history) {
      history.limit(most);
      total += history.octets();
    });
  }
  return total;
}

}  // namespace dns
