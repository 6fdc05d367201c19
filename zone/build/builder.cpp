#include "zone/build/builder.h"

#include <algorithm>

#include "zone/build/bulk_build.h"
#include "zone/rr/rdata.h"
#include "zone/snapshot/nsec3_edit.h"

namespace dns {

struct ZoneBuilder::State {
  explicit State(NameView apex)
      : storage(std::make_shared<ZoneStorage>(apex)), pool(*storage), first(*storage, pool, nullptr) {}

  AddOutcome judge_soa(NameView owner, Bytes rdata) const;
  std::unique_ptr<LeafBuilder> take_leaf_builder();
  void give_back(std::unique_ptr<LeafBuilder> leaf_builder);

  std::shared_ptr<ZoneStorage> storage;
  RrsetPool pool;
  LeafBuilder first;                      // for the records before the first part
  std::vector<std::uint8_t> soa;          // RDATA; empty: none yet. Parts do not change it
  std::vector<LeafBuilder::Output> made;  // of `first`, then of each builder of a part
  std::atomic<bool> is_unsure = false;

  Lock storage_lock;  // for the builders that share the storage
  Lock idle_lock;
  std::vector<std::unique_ptr<LeafBuilder>> idle;
};

struct ZoneBuilder::Part::State {
  ZoneBuilder::State& builder;
  std::unique_ptr<LeafBuilder> leaf_builder;
};

ZoneBuilder::ZoneBuilder(NameView apex) : state_(std::make_unique<State>(apex)) {}
ZoneBuilder::~ZoneBuilder() = default;

AddOutcome ZoneBuilder::add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata) {
  State& state = *state_;
  if (type == Type::SOA && owner.is_within(state.storage->apex())) {
    const AddOutcome outcome = state.judge_soa(owner, rdata);
    if (outcome != AddOutcome::kAdded) return outcome;
    state.soa.assign(rdata.begin(), rdata.end());
  }
  return state.first.add(owner, type, ttl, rdata);
}

void ZoneBuilder::begin_parts() { state_->made.push_back(state_->first.end()); }

ZoneBuilder::Part::Part(ZoneBuilder& builder, std::size_t index)
    : state_(new State{*builder.state_, builder.state_->take_leaf_builder()}) {
  state_->leaf_builder->begin(static_cast<std::uint32_t>(index + 1));
}

ZoneBuilder::Part::~Part() = default;

void ZoneBuilder::Part::complete() {
  state_->leaf_builder->complete();
  state_->builder.give_back(std::move(state_->leaf_builder));
}

AddOutcome ZoneBuilder::Part::add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata) {
  ZoneBuilder::State& builder = state_->builder;
  if (type == Type::SOA) {  // the first SOA may be in another part, and its TTL may apply to other records
    builder.is_unsure = true;
    return AddOutcome::kAdded;
  }
  return state_->leaf_builder->add(owner, type, ttl, rdata);
}

ZoneBuilder::Finished ZoneBuilder::finish(const ParallelExecutor& parallel) {
  const std::unique_ptr<State> state = std::move(state_);
  if (state->made.empty()) state->made.push_back(state->first.end());
  for (const std::unique_ptr<LeafBuilder>& leaf_builder : state->idle) state->made.push_back(leaf_builder->end());
  Finished finished;
  ZoneTotals totals;
  std::vector<UnsortedLeaves> runs;
  for (LeafBuilder::Output& made : state->made) {
    totals.records += made.totals.records;
    totals.sets += made.totals.sets;
    totals.names += made.totals.names;
    finished.largest_set = std::max(finished.largest_set, made.largest);
    runs.push_back(std::move(made.leaves));
  }
  Lock* const lock = is_shared(totals.names, parallel) ? &state->storage_lock : nullptr;
  const Workers workers = {.make = [&] { return std::make_unique<LeafBuilder>(*state->storage, state->pool, lock); },
                           .close_pool = [&] { state->pool.clear(); }};
  BuiltTree built = bulk_build(*state->storage, std::move(runs), workers, parallel);
  totals.records += built.merged.records;
  totals.sets += built.merged.sets;
  totals.names += built.merged.names;
  const Node hashes = build_nsec3_tree(*state->storage, built.root, nsec3_in_use(*state->storage, built.root));
  totals.bytes = state->storage->tree().bytes();
  finished.largest_set = std::max(finished.largest_set, built.largest);
  const std::shared_ptr<ZoneStorage> storage = ZoneStorage::compacted(state->storage);
  const VersionRoots roots = {built.root, hashes};
  const std::uint64_t version = storage->add_version({}, {}, roots);
  finished.zone = Zone::make(storage, {roots, nsec3_in_use(*storage, built.root)}, version, totals);
  finished.deferred = std::move(built.deferred);
  finished.order = state->is_unsure || built.deferred_across_runs ? Order::kUnsure : Order::kSure;
  return finished;
}

AddOutcome ZoneBuilder::State::judge_soa(NameView owner, Bytes rdata) const {
  if (owner.size() != storage->apex().size()) return AddOutcome::kSoaNotAtApex;
  if (soa.empty()) return AddOutcome::kAdded;
  return compare_rdata(Type::SOA, soa, rdata) == 0 ? AddOutcome::kDuplicate : AddOutcome::kSecondSoa;
}

std::unique_ptr<LeafBuilder> ZoneBuilder::State::take_leaf_builder() {
  const LockGuard lock(idle_lock);
  if (idle.empty()) return std::make_unique<LeafBuilder>(*storage, pool, &storage_lock);
  std::unique_ptr<LeafBuilder> leaf_builder = std::move(idle.back());
  idle.pop_back();
  return leaf_builder;
}

void ZoneBuilder::State::give_back(std::unique_ptr<LeafBuilder> leaf_builder) {
  const LockGuard lock(idle_lock);
  idle.push_back(std::move(leaf_builder));
}

}  // namespace dns
