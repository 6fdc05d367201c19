#include "zone/snapshot/builder.h"

#include <algorithm>

#include "zone/snapshot/intern.h"
#include "zone/snapshot/owner_run.h"
#include "zone/tree/bulk.h"

namespace dns {
namespace {

// Types whose sets do not repeat from owner to owner: looking for an equal body would only cost.
bool is_unique_by_nature(Type type) { return type == Type::RRSIG || type == Type::NSEC || type == Type::NSEC3; }

SetKind kind_of(Type type, Bytes rdata) {
  if (type != Type::RRSIG || rdata.size() < 2) return SetKind::of(type);
  return SetKind::of(type, static_cast<Type>(load16(rdata.data())));  // RFC 4034 3.1.1
}

// A leaf to be sorted: the first ten symbols of its key decide most comparisons.
struct Loose {
  std::uint64_t prefix;
  Node leaf;
};

std::uint64_t prefix_of(const Key& key) {
  std::uint64_t prefix = 0;
  for (std::size_t at = 0; at < 10; ++at) prefix = prefix << 6 | key[at];
  return prefix;
}

}  // namespace

struct ZoneBuilder::State {
  explicit State(NameView apex) : storage(std::make_shared<ZoneStorage>(apex)), bodies(*storage), tree(storage->tree()) {}

  AddOutcome add_soa(NameView owner, Bytes rdata);
  void end_run();
  Node make_leaf(Bytes relative);
  void leave_order(const Key& key, Node leaf);
  Node sort_and_build();
  Node merge(std::span<const Loose> runs);

  std::shared_ptr<ZoneStorage> storage;
  BodyTable bodies;
  BulkTree tree;              // while owners come in order
  std::vector<Loose> loose;   // all leaves, once they did not
  bool in_order = true;

  Name owner;                 // whose records `run` holds
  OwnerRun run;
  std::vector<SetEntry> entries;      // scratch of make_leaf
  std::vector<std::uint8_t> soa;      // RDATA; empty: none yet
  std::vector<Node> merged;           // leaves that others replaced
  std::vector<Late> late;
  ZoneTotals totals;
};

ZoneBuilder::ZoneBuilder(NameView apex) : state_(std::make_unique<State>(apex)) {}
ZoneBuilder::~ZoneBuilder() = default;

AddOutcome ZoneBuilder::add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata) {
  State& state = *state_;
  if (state.run.empty() || owner != state.owner.view()) {
    if (!owner.is_within(state.storage->apex())) return AddOutcome::kOutOfZone;
    state.end_run();
    state.owner = owner;
  }
  if (type == Type::SOA) {
    const AddOutcome outcome = state.add_soa(owner, rdata);
    if (outcome != AddOutcome::kAdded) return outcome;
  }
  return state.run.add(kind_of(type, rdata), ttl, rdata);
}

ZoneBuilder::Finished ZoneBuilder::finish() {
  const std::unique_ptr<State> state = std::move(state_);
  state->end_run();
  const Node root = state->in_order ? state->tree.finish() : state->sort_and_build();
  state->totals.bytes = state->storage->tree().bytes();
  const std::uint64_t version = state->storage->add_version({}, {});
  auto zone = std::make_shared<const Zone>(state->storage, root, version, state->totals);
  return {std::move(zone), std::move(state->late)};
}

AddOutcome ZoneBuilder::State::add_soa(NameView at, Bytes rdata) {
  if (at.size() != storage->apex().size()) return AddOutcome::kSoaNotAtApex;
  if (soa.empty()) {
    soa.assign(rdata.begin(), rdata.end());
    return AddOutcome::kAdded;
  }
  return order_rdata(Type::SOA, soa, rdata) == 0 ? AddOutcome::kDuplicate : AddOutcome::kSecondSoa;
}

void ZoneBuilder::State::end_run() {
  if (run.empty()) return;
  const Bytes relative = owner.view().bytes().first(owner.size() - storage->apex().size());
  const Node leaf = make_leaf(relative);
  run.clear();

  Key key;
  key.assign_labels(relative);
  if (in_order && tree.add(key, leaf)) return;
  leave_order(key, leaf);
}

Node ZoneBuilder::State::make_leaf(Bytes relative) {
  entries.clear();
  run.for_each_set([this](SetKind kind, std::uint32_t ttl, std::uint16_t count, Bytes packed) {
    const std::uint32_t body = is_unique_by_nature(kind.type()) ? storage->make_body(ttl, count, packed)
                                                                : bodies.intern(ttl, count, packed);
    entries.push_back({kind, body});
    totals.records += count;
  });
  totals.sets += entries.size();
  ++totals.names;
  return storage->make_leaf(relative, entries);
}

void ZoneBuilder::State::leave_order(const Key& key, Node leaf) {
  if (in_order) {
    in_order = false;
    visit_leaves(storage->tree(), tree.finish(), [this](Node before) {
      Key known;
      known.assign_labels(storage->tree().owner(before));
      loose.push_back({prefix_of(known), before});
      return true;
    });
    storage->tree().clear_cells();
  }
  loose.push_back({prefix_of(key), leaf});
}

Node ZoneBuilder::State::sort_and_build() {
  const TreeStore& store = storage->tree();
  Key left, right;
  const auto order = [&](const Loose& a, const Loose& b) {
    if (a.prefix != b.prefix) return a.prefix <=> b.prefix;
    left.assign_labels(store.owner(a.leaf));
    right.assign_labels(store.owner(b.leaf));
    return std::lexicographical_compare_three_way(left.symbols.begin(), left.symbols.begin() + left.size,
                                                  right.symbols.begin(), right.symbols.begin() + right.size);
  };
  // Records are allocated one after the other: of equal owners the one that came first stays first.
  std::ranges::sort(loose, [&](const Loose& a, const Loose& b) {
    const auto ordered = order(a, b);
    return ordered == 0 ? a.leaf.ref() < b.leaf.ref() : ordered < 0;
  });

  for (auto first = loose.begin(); first != loose.end();) {
    auto last = first + 1;
    while (last != loose.end() && order(*first, *last) == 0) ++last;
    const Node leaf = last - first == 1 ? first->leaf : merge({first, last});
    Key key;
    key.assign_labels(store.owner(leaf));
    tree.add(key, leaf);
    first = last;
  }
  // Only now: until here the table of bodies could have found a body that a replaced leaf was the last to refer to.
  for (const Node leaf : merged) storage->free_leaf(leaf);
  return tree.finish();
}

// One leaf of the records that an owner had in several runs.
Node ZoneBuilder::State::merge(std::span<const Loose> runs) {
  const auto relative = storage->tree().owner(runs.front().leaf);
  for (const Loose& part : runs) {
    for (std::size_t index = 0; index < storage->set_count(part.leaf); ++index) {
      const SetEntry entry = storage->entry(part.leaf, index);
      const RrsetView set = storage->view(entry);
      totals.records -= set.count;
      AddOutcome said = AddOutcome::kAdded;  // an outcome is told once a set, not once a record
      for (const Bytes rdata : set) {
        const AddOutcome outcome = run.add(entry.kind, set.ttl, rdata);
        if (outcome != AddOutcome::kAdded && outcome != said) late.push_back({outcome, *join(relative, storage->apex()), set.type});
        said = outcome;
      }
    }
    totals.sets -= storage->set_count(part.leaf);
    --totals.names;
    merged.push_back(part.leaf);
  }
  const Node leaf = make_leaf(relative);
  run.clear();
  return leaf;
}

}  // namespace dns
