#include "zone/snapshot/builder.h"

#include <array>

#include "zone/base/ascii.h"
#include "zone/rr/rdata.h"
#include "zone/snapshot/intern.h"
#include "zone/snapshot/owner_run.h"
#include "zone/tree/bulk.h"
#include "zone/tree/sort.h"

namespace dns {
namespace {

// Types whose sets do not repeat from owner to owner: looking for an equal body would only cost.
bool is_unique_by_nature(Type type) { return type == Type::RRSIG || type == Type::NSEC || type == Type::NSEC3; }

}  // namespace

// The latest owners stay open for a while: files go "ns1 A, ns2 A, ns1 AAAA", and such are best put together at once.
constexpr std::size_t kOpenRuns = 4;

struct ZoneBuilder::State {
  explicit State(NameView apex) : storage(std::make_shared<ZoneStorage>(apex)), bodies(*storage), tree(storage->tree()) {}

  OwnerRun* run_of(NameView owner);
  void look_ahead();
  AddOutcome add_soa(NameView owner, Bytes rdata);
  void close(OwnerRun& run);
  Node make_leaf(Bytes relative, OwnerRun& run);
  void leave_order(const Key& key, Node leaf);
  Node sort_and_build();
  Node merge(std::span<const LooseLeaf> parts);

  std::shared_ptr<ZoneStorage> storage;
  BodyTable bodies;
  BulkTree tree;                    // while owners come in order
  std::vector<LooseLeaf, PageAllocator<LooseLeaf>> loose;  // all leaves, once they did not
  bool in_order = true;

  std::array<OwnerRun, kOpenRuns> runs;  // a ring: closed in the order in which they were opened
  std::size_t newest = 0;
  std::array<std::vector<std::uint32_t>, kOpenRuns> expected;  // of each run, hashes of bodies that have been asked for
  std::vector<SetEntry> entries;    // scratch of make_leaf
  std::vector<std::uint8_t> soa;    // RDATA; empty: none yet
  std::vector<Node> merged;         // leaves that others replaced
  std::vector<Late> late;
  ZoneTotals totals;
};

ZoneBuilder::ZoneBuilder(NameView apex) : state_(std::make_unique<State>(apex)) {}
ZoneBuilder::~ZoneBuilder() = default;

AddOutcome ZoneBuilder::add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata) {
  State& state = *state_;
  OwnerRun* const run = state.run_of(owner);
  if (run == nullptr) return AddOutcome::kOutOfZone;
  if (type == Type::SOA) {
    const AddOutcome outcome = state.add_soa(owner, rdata);
    if (outcome != AddOutcome::kAdded) return outcome;
  }
  return run->add(SetKind::of_record(type, rdata), ttl, rdata);
}

ZoneBuilder::Finished ZoneBuilder::finish() {
  const std::unique_ptr<State> state = std::move(state_);
  for (std::size_t age = 1; age <= kOpenRuns; ++age) state->close(state->runs[(state->newest + age) % kOpenRuns]);
  const Node root = state->in_order ? state->tree.finish() : state->sort_and_build();
  state->totals.bytes = state->storage->tree().bytes();
  const std::uint64_t version = state->storage->add_version({}, {}, root);
  auto zone = std::make_shared<const Zone>(state->storage, root, version, state->totals);
  return {std::move(zone), std::move(state->late)};
}

// Where the owner's records gather; null where it lies outside the zone.
OwnerRun* ZoneBuilder::State::run_of(NameView owner) {
  for (std::size_t age = 0; age < kOpenRuns; ++age) {
    OwnerRun& run = runs[(newest + kOpenRuns - age) % kOpenRuns];
    if (!run.empty() && run.owner() == owner) return &run;
  }
  if (!owner.is_within(storage->apex())) return nullptr;
  look_ahead();
  newest = (newest + 1) % kOpenRuns;
  close(runs[newest]);
  runs[newest].open(owner);
  return &runs[newest];
}

// The newest run is complete, as a rule: where its bodies may stand already is fetched while the next owners are read. One
// that gets a record after all has asked for nothing useful, and loses nothing.
void ZoneBuilder::State::look_ahead() {
  for (const std::uint32_t hash : expected[(newest + kOpenRuns - 1) % kOpenRuns]) bodies.expect_body(hash);
  expected[newest].clear();
  runs[newest].for_each_set([this](SetKind kind, std::uint32_t ttl, std::uint16_t count, Bytes packed) {
    if (!is_unique_by_nature(kind.type())) expected[newest].push_back(bodies.expect(ttl, count, packed));
  });
}

AddOutcome ZoneBuilder::State::add_soa(NameView at, Bytes rdata) {
  if (at.size() != storage->apex().size()) return AddOutcome::kSoaNotAtApex;
  if (soa.empty()) {
    soa.assign(rdata.begin(), rdata.end());
    return AddOutcome::kAdded;
  }
  return compare_rdata(Type::SOA, soa, rdata) == 0 ? AddOutcome::kDuplicate : AddOutcome::kSecondSoa;
}

void ZoneBuilder::State::close(OwnerRun& run) {
  if (run.empty()) return;
  const Bytes owner = run.owner().bytes();
  const Bytes relative = owner.first(owner.size() - storage->apex().size());
  const Node leaf = make_leaf(relative, run);
  Key key;
  key.assign_labels(relative);
  run.clear();
  if (in_order && tree.add(key, leaf)) return;
  leave_order(key, leaf);
}

Node ZoneBuilder::State::make_leaf(Bytes relative, OwnerRun& run) {
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
      loose.push_back(LooseLeaf::of(storage->tree(), before));
      return true;
    });
    storage->tree().clear_cells();
  }
  loose.push_back(LooseLeaf::of(key, leaf));
}

Node ZoneBuilder::State::sort_and_build() {
  const TreeStore& store = storage->tree();
  sort_leaves(store, loose);
  for (std::size_t first = 0; first < loose.size();) {
    if (first + kPrefetchAhead < loose.size()) __builtin_prefetch(store.words_at(loose[first + kPrefetchAhead].ref));
    std::size_t last = first + 1;
    const Bytes owner = store.owner(loose[first].leaf());
    while (last < loose.size() && equal_fold(owner, store.owner(loose[last].leaf()))) ++last;
    const Node leaf = last - first == 1 ? loose[first].leaf() : merge({&loose[first], last - first});
    Key key;
    key.assign_labels(owner);
    tree.add(key, leaf);
    first = last;
  }
  // Only now: until here the table of bodies could have found a body that a replaced leaf was the last to refer to.
  for (const Node leaf : merged) storage->free_leaf(leaf);
  return tree.finish();
}

// One leaf of the records that an owner had in several runs.
Node ZoneBuilder::State::merge(std::span<const LooseLeaf> parts) {
  const Bytes relative = storage->tree().owner(parts.front().leaf());
  const Name owner = *join(relative, storage->apex());
  OwnerRun& run = runs.front();
  run.open(owner);
  for (const LooseLeaf& part : parts) {
    for (std::size_t index = 0; index < storage->set_count(part.leaf()); ++index) {
      const SetEntry entry = storage->entry(part.leaf(), index);
      const RrsetView set = storage->view(entry);
      totals.records -= set.count;
      AddOutcome said = AddOutcome::kAdded;  // an outcome is told once a set, not once a record
      for (const Bytes rdata : set) {
        const AddOutcome outcome = run.add(entry.kind, set.ttl, rdata);
        if (outcome != AddOutcome::kAdded && outcome != said) late.push_back({outcome, owner, set.type});
        said = outcome;
      }
    }
    totals.sets -= storage->set_count(part.leaf());
    --totals.names;
    merged.push_back(part.leaf());
  }
  const Node leaf = make_leaf(relative, run);
  run.clear();
  return leaf;
}

}  // namespace dns
