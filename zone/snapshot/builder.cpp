#include "zone/snapshot/builder.h"

#include <algorithm>

#include "zone/rr/rdata.h"
#include "zone/snapshot/assemble.h"

namespace dns {

struct ZoneBuilder::State {
  explicit State(NameView apex)
      : storage(std::make_shared<ZoneStorage>(apex)), bodies(*storage), first(*storage, bodies, nullptr) {}

  AddOutcome judge_soa(NameView owner, Bytes rdata) const;
  std::unique_ptr<LeafMaker> take_maker();
  void give_back(std::unique_ptr<LeafMaker> maker);

  std::shared_ptr<ZoneStorage> storage;
  BodyTable bodies;
  LeafMaker first;                    // of what comes before parts
  std::vector<std::uint8_t> soa;      // RDATA; empty: none yet. Not altered by parts
  std::vector<LeafMaker::Made> made;  // by what came before parts, then by each maker of parts
  std::atomic<bool> is_unsure = false;

  Lock rooms;                             // of makers that share the storage
  Lock makers;
  std::vector<std::unique_ptr<LeafMaker>> idle;
};

struct ZoneBuilder::Part::State {
  ZoneBuilder::State& builder;
  std::unique_ptr<LeafMaker> maker;
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

void ZoneBuilder::divide() {
  state_->made.push_back(state_->first.end());
}

ZoneBuilder::Part::Part(ZoneBuilder& builder, std::size_t index)
    : state_(new State{*builder.state_, builder.state_->take_maker()}) {
  state_->maker->begin(static_cast<std::uint32_t>(index + 1));
}

ZoneBuilder::Part::~Part() {
  state_->maker->complete();
  state_->builder.give_back(std::move(state_->maker));
}

AddOutcome ZoneBuilder::Part::add(NameView owner, Type type, std::uint32_t ttl, Bytes rdata) {
  ZoneBuilder::State& builder = state_->builder;
  if (type == Type::SOA) {   // the first may be in another part, and lend its TTL
    builder.is_unsure = true;
    return AddOutcome::kAdded;
  }
  return state_->maker->add(owner, type, ttl, rdata);
}

ZoneBuilder::Finished ZoneBuilder::finish(const Together& together) {
  const std::unique_ptr<State> state = std::move(state_);
  if (state->made.empty()) state->made.push_back(state->first.end());
  for (const std::unique_ptr<LeafMaker>& maker : state->idle) state->made.push_back(maker->end());
  Finished finished;
  ZoneTotals totals;
  std::vector<LooseLeaves> runs;
  for (LeafMaker::Made& made : state->made) {
    totals.records += made.totals.records;
    totals.sets += made.totals.sets;
    totals.names += made.totals.names;
    finished.largest_set = std::max(finished.largest_set, made.largest);
    runs.push_back(std::move(made.leaves));
  }
  Lock* const lock = is_shared(totals.names, together) ? &state->rooms : nullptr;
  const Workers workers = {.make = [&] { return std::make_unique<LeafMaker>(*state->storage, state->bodies, lock); },
                           .end_bodies = [&] { state->bodies.clear(); }};
  Assembled assembled = assemble(*state->storage, std::move(runs), workers, together);
  totals.records += assembled.merged.records;
  totals.sets += assembled.merged.sets;
  totals.names += assembled.merged.names;
  totals.bytes = state->storage->tree().bytes();
  finished.largest_set = std::max(finished.largest_set, assembled.largest);
  const std::shared_ptr<ZoneStorage> storage = ZoneStorage::settled(state->storage);
  const std::uint64_t version = storage->add_version({}, {}, assembled.root);
  finished.zone = Zone::make(storage, assembled.root, version, totals);
  finished.late = std::move(assembled.late);
  finished.order = state->is_unsure || assembled.late_across_runs ? Order::kUnsure : Order::kSure;
  return finished;
}

AddOutcome ZoneBuilder::State::judge_soa(NameView owner, Bytes rdata) const {
  if (owner.size() != storage->apex().size()) return AddOutcome::kSoaNotAtApex;
  if (soa.empty()) return AddOutcome::kAdded;
  return compare_rdata(Type::SOA, soa, rdata) == 0 ? AddOutcome::kDuplicate : AddOutcome::kSecondSoa;
}

std::unique_ptr<LeafMaker> ZoneBuilder::State::take_maker() {
  const Holding lock(makers);
  if (idle.empty()) return std::make_unique<LeafMaker>(*storage, bodies, &rooms);
  std::unique_ptr<LeafMaker> maker = std::move(idle.back());
  idle.pop_back();
  return maker;
}

void ZoneBuilder::State::give_back(std::unique_ptr<LeafMaker> maker) {
  const Holding lock(makers);
  idle.push_back(std::move(maker));
}

}  // namespace dns
