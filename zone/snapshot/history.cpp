#include "zone/snapshot/history.h"

#include <algorithm>
#include <map>

#include "zone/snapshot/client_choice.h"
#include "zone/snapshot/storage.h"

namespace dns {
namespace {

// The octets of a step: for each change of an RRset
//
//     owner | type 16 | covered 16 | before: TTL 32, count 16, packed | after: likewise |
class StepWriter {
 public:
  void add(const RrsetChange& set) {
    put(set.owner.view().bytes());
    put16(static_cast<std::uint16_t>(set.type));
    put16(static_cast<std::uint16_t>(set.covered));
    add(set.before);
    add(set.after);
  }
  std::vector<std::uint8_t> octets;

 private:
  void add(const Rrset& set) {
    put16(static_cast<std::uint16_t>(set.ttl >> 16));
    put16(static_cast<std::uint16_t>(set.ttl));
    put16(set.count);
    put(set.packed);
  }
  void put16(std::uint16_t value) {
    octets.push_back(static_cast<std::uint8_t>(value >> 8));
    octets.push_back(static_cast<std::uint8_t>(value));
  }
  void put(Bytes bytes) { octets.insert(octets.end(), bytes.begin(), bytes.end()); }
};

// Reads what StepWriter wrote.
class StepReader {
 public:
  explicit StepReader(Bytes octets) : at_(octets.data()), end_(octets.data() + octets.size()) {}

  bool more() const { return at_ != end_; }
  RrsetChange next() {
    RrsetChange set;
    set.owner = NameView::trusted(at_);
    at_ += set.owner.size();
    set.type = static_cast<Type>(take16());
    set.covered = static_cast<Type>(take16());
    set.before = rrset(set.type);
    set.after = rrset(set.type);
    return set;
  }

 private:
  std::uint16_t take16() {
    at_ += 2;
    return load16(at_ - 2);
  }
  Rrset rrset(Type type) {
    const std::uint32_t high = take16(), low = take16();
    Rrset set(type, high << 16 | low);
    set.count = take16();
    const std::uint8_t* const begin = at_;
    for (std::size_t i = 0; i < set.count; ++i) at_ += 2U + load16(at_);
    set.packed.assign(begin, at_);
    return set.count == 0 ? Rrset() : set;
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

// The octets of one RRset of a change, from its TTL on; nothing if the octets are not one.
std::optional<std::size_t> size_of_rrset(Bytes octets) {
  constexpr std::size_t kFront = 6;
  if (octets.size() < kFront) return std::nullopt;
  std::size_t size = kFront;
  for (std::size_t left = load16(octets.data() + 4); left > 0; --left) {
    if (octets.size() < size + 2) return std::nullopt;
    size += 2U + load16(octets.data() + size);
    if (octets.size() < size) return std::nullopt;
  }
  return size;
}

// The octets of the first change of an RRset; nothing if they are not one of the zone `apex`.
std::optional<std::size_t> size_of_change(Bytes octets, NameView apex) {
  const auto owner = read_name(octets);
  if (!owner || !owner->is_within(apex) || octets.size() < owner->size() + 4U) return std::nullopt;
  std::size_t size = owner->size() + 4U;  // with both types
  for (int rrset = 0; rrset < 2; ++rrset) {
    const auto more = size_of_rrset(octets.subspan(size));
    if (!more) return std::nullopt;
    size += *more;
  }
  return size;
}

bool is_same(const Rrset& a, const Rrset& b) { return (a.count == 0 && b.count == 0) || a == b; }

// The RRsets of changes, in canonical order of owners, then by kind.
struct RrsetId {
  Name owner;
  RrsetKind kind;
};
struct RrsetIdLess {
  bool operator()(const RrsetId& a, const RrsetId& b) const {
    const auto owners = canonical_order(a.owner, b.owner);
    return owners == 0 ? a.kind < b.kind : owners < 0;
  }
};

}  // namespace

HistoryStepPtr to_step(const Change& change, std::size_t max_octets) {
  StepWriter writer;
  for (const RrsetChange& set : change.sets) {
    if (set.type == kClientChoiceType) continue;
    writer.add(set);
    if (writer.octets.size() > max_octets) return nullptr;
  }
  writer.octets.shrink_to_fit();
  return std::make_shared<const HistoryStep>(HistoryStep{change.from, change.to, std::move(writer.octets)});
}

HistoryStepPtr read_step(Bytes octets, NameView apex, Serial from, Serial to) {
  for (Bytes rest = octets; !rest.empty();) {
    const std::optional<std::size_t> size = size_of_change(rest, apex);
    if (!size) return nullptr;
    rest = rest.subspan(*size);
  }
  return std::make_shared<const HistoryStep>(HistoryStep{from, to, {octets.begin(), octets.end()}});
}

Change to_change(const HistoryStep& step, NameView apex) {
  Change change{apex, {}, step.from, step.to};
  for (StepReader reader(step.octets); reader.more();) change.sets.push_back(reader.next());
  return change;
}

Change condense(std::span<const Change> changes) {
  std::map<RrsetId, RrsetChange, RrsetIdLess> sets;
  for (const Change& change : changes) {
    for (const RrsetChange& set : change.sets) {
      const auto [place, added] = sets.try_emplace({set.owner, RrsetKind::of(set.type, set.covered)}, set);
      if (!added) place->second.after = set.after;
    }
  }
  Change all{changes.front().apex, {}, changes.front().from, changes.back().to};
  for (auto& [id, set] : sets)
    if (!is_same(set.before, set.after)) all.sets.push_back(std::move(set));
  return all;
}

void History::add(const HistoryStepPtr& step) {
  if (step != nullptr && step->from == step->to && step->octets.empty()) return;
  if (step == nullptr || !later(step->to, step->from)) return clear();
  if (!steps_.empty() && steps_.back()->to != step->from) clear();
  if (steps_.size() == kMaxSteps) drop(kMaxSteps / 8);  // several at a time, because it moves all others
  steps_.push_back(step);
  octets_ += step->size();
}

void History::limit(std::size_t octets) {
  std::size_t count = 0;
  for (std::size_t left = octets_; left > octets; ++count) left -= steps_[count]->size();
  drop(count);
}

void History::clear() { drop(steps_.size()); }

void History::drop(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) octets_ -= steps_[i]->size();
  steps_.erase(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(count));
}

std::optional<Change> History::since(Serial serial, NameView apex) const {
  if (steps_.empty()) return std::nullopt;
  if (steps_.back()->to == serial) return Change{apex, {}, serial, serial};
  const auto first = std::ranges::find(steps_, serial, [](const HistoryStepPtr& step) { return step->from; });
  if (first == steps_.end()) return std::nullopt;
  std::vector<Change> changes;
  for (auto step = first; step != steps_.end(); ++step) changes.push_back(to_change(**step, apex));
  return condense(changes);
}

}  // namespace dns
