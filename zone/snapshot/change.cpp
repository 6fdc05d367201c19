#include "zone/snapshot/change.h"

#include <algorithm>
#include <array>
#include <utility>

#include "zone/snapshot/client_choice.h"
#include "zone/snapshot/nsec3_edit.h"
#include "zone/snapshot/storage.h"
#include "zone/tree/differences.h"

namespace dns {
namespace {

using Group = std::span<const RrsetChange* const>;  // the changes of one owner, ascending

RrsetKind kind_of(const RrsetChange& change) { return RrsetKind::of(change.type, change.covered); }

bool same_owner(const RrsetChange& a, const RrsetChange& b) { return a.owner == b.owner; }

std::vector<const RrsetChange*> in_order(const Change& change) {
  std::vector<const RrsetChange*> sets;
  sets.reserve(change.sets.size());
  for (const RrsetChange& set : change.sets) sets.push_back(&set);
  const auto before = [](const RrsetChange* a, const RrsetChange* b) {
    const auto order = canonical_order(a->owner, b->owner);
    return order == 0 ? kind_of(*a) < kind_of(*b) : order < 0;
  };
  if (!std::ranges::is_sorted(sets, before)) std::ranges::sort(sets, before);
  return sets;
}

// Calls `visit(Group)` for the changes of each owner until it returns false. Returns false if it did.
template <class Visit>
bool for_each_owner(std::span<const RrsetChange* const> sets, Visit&& visit) {
  while (!sets.empty()) {
    const auto end =
        std::ranges::find_if(sets, [&](const RrsetChange* set) { return !same_owner(*set, *sets.front()); });
    const auto count = static_cast<std::size_t>(end - sets.begin());
    if (!visit(sets.first(count))) return false;
    sets = sets.subspan(count);
  }
  return true;
}

bool holds(const std::optional<RrsetView>& held, const Rrset& wanted) {
  if (!held) return wanted.count == 0;
  return held->count == wanted.count && held->ttl == wanted.ttl && held->packed_size() == wanted.packed.size() &&
         equal({held->packed, wanted.packed.size()}, wanted.packed);
}

std::optional<RrsetView> held_by(const NodeView& node, Type type, Type covered) {
  if (type == Type::RRSIG) return node.signatures_of(covered);
  if (type == kClientChoiceType) return node.client_choice_of(covered);
  return node.find(type);
}

// True if the owner's node holds the `before` of each change.
bool matches(const std::optional<NodeView>& node, Group group) {
  for (std::size_t i = 0; i < group.size(); ++i) {
    const RrsetChange& set = *group[i];
    if (i > 0 && kind_of(*group[i - 1]) == kind_of(set)) return false;
    if (!holds(node ? held_by(*node, set.type, set.covered) : std::nullopt, set.before)) return false;
  }
  return true;
}

// True if, after the change, each client choice of the owner has its RRset.
bool keeps_rrsets_of_choices(const std::optional<NodeView>& node, Group group) {
  const auto is_choice = [](const RrsetChange* set) { return set->type == kClientChoiceType; };
  if (!(node && node->has_client_choices()) && std::ranges::none_of(group, is_choice)) return true;
  const auto stands_after = [&](Type type, Type covered) {
    const auto set = std::ranges::find(group, RrsetKind::of(type, covered),
                                       [](const RrsetChange* change) { return kind_of(*change); });
    return set != group.end() ? (*set)->after.count != 0 : node && held_by(*node, type, covered).has_value();
  };
  for (const Type type : kChoosableTypes)
    if (stands_after(kClientChoiceType, type) && !stands_after(type, {})) return false;
  return std::ranges::all_of(group, [&](const RrsetChange* set) {
    return !is_choice(set) || std::ranges::find(kChoosableTypes, set->covered) != kChoosableTypes.end();
  });
}

std::shared_ptr<const Zone> make_version(const std::shared_ptr<ZoneStorage>& storage, TreeEdit::Outcome& edited,
                                         const Nsec3Edit::Outcome& chain, const ZoneTotals& totals) {
  const VersionRoots roots = {edited.root, chain.hashes};
  const std::uint64_t version = storage->add_version(std::move(edited.made), std::move(edited.retired), roots);
  return Zone::make(storage, {roots, chain.parameters}, version, totals);
}

// An edit of one zone in progress.
class ZoneEdit {
 public:
  explicit ZoneEdit(const Zone& zone)
      : storage_(zone.storage()),
        edit_(storage_->tree(), zone.root()),
        nsec3_(*storage_, zone.trees().roots.second, zone.trees().nsec3),
        totals_(zone.totals()) {}

  // `old`: the owner's leaf in the zone; null for a new owner.
  void change(Group group, const KeyTail& tail, Node old) {
    count(group);
    merge(group, old);
    const Node made = entries_.empty() ? Node() : storage_->make_leaf(owner_of(group, old), entries_);
    if (made.is_null()) edit_.erase(tail);
    else if (old.is_null()) edit_.put(tail, made);
    else edit_.replace(tail, old, made);
    totals_.names += std::uint64_t{!made.is_null()} - std::uint64_t{!old.is_null()};
    nsec3_.change(tail, old, made);
  }

  std::shared_ptr<const Zone> commit() {
    TreeEdit::Outcome edited = edit_.commit();
    const Nsec3Edit::Outcome chain = nsec3_.commit(edited.root, edited);
    totals_.bytes = storage_->tree().bytes();
    return make_version(storage_, edited, chain, totals_);
  }

  // Undoes everything: adds and drops a version without readers.
  void abandon() {
    nsec3_.abandon();
    TreeEdit::Outcome edited = edit_.commit();
    storage_->drop_version(storage_->add_version(std::move(edited.made), std::move(edited.retired), {}));
  }

 private:
  // The owner relative to the apex, in the case that the zone has or gets.
  Bytes owner_of(Group group, Node old) const {
    if (!old.is_null()) return storage_->tree().owner(old);
    const Bytes absolute = group.front()->owner.view().bytes();
    return absolute.first(absolute.size() - storage_->apex().size());
  }
  void count(Group group) {
    for (const RrsetChange* set : group) {
      if (set->type == kClientChoiceType) continue;
      totals_.records += std::uint64_t{set->after.count} - set->before.count;  // unsigned: wraps and wraps back
      totals_.sets += std::uint64_t{set->after.count != 0} - std::uint64_t{set->before.count != 0};
    }
  }

  // The leaf's entries after the change. Unchanged entries keep their bodies.
  void merge(Group group, Node old) {
    entries_.clear();
    const std::size_t held = old.is_null() ? 0 : storage_->set_count(old);
    std::size_t index = 0;
    for (const RrsetChange* set : group) {
      const RrsetKind kind = kind_of(*set);
      for (; index < held && storage_->entry(old, index).kind < kind; ++index)
        entries_.push_back(storage_->entry(old, index));
      if (index < held && storage_->entry(old, index).kind == kind) ++index;
      if (set->after.count != 0)
        entries_.push_back({kind, storage_->make_body(set->after.ttl, set->after.count, set->after.packed)});
    }
    for (; index < held; ++index) entries_.push_back(storage_->entry(old, index));
  }

  std::shared_ptr<ZoneStorage> storage_;
  TreeEdit edit_;
  Nsec3Edit nsec3_;
  ZoneTotals totals_;
  std::vector<RrsetEntry> entries_;
};

// A batch of owners whose descents run interleaved, so their cache misses overlap: a few times as fast as one by one.
class BatchEdit {
 public:
  explicit BatchEdit(const Zone& zone, std::size_t owners)
      : zone_(&zone), all_(std::make_unique<Owner[]>(std::min(owners, kInterleavedDescents))) {}

  bool full() const { return size_ == kInterleavedDescents; }

  void add(Group group) {
    Owner& owner = all_[size_];
    owner.group = group;
    owner.key.assign(group.front()->owner);
    owner.tail = KeyTail(owner.key, zone_->storage()->extent());
    if (!zone_->root().is_null()) descents_[size_] = Descent(zone_->storage()->tree(), zone_->root(), owner.tail, 0);
    ++size_;
  }

  // Checks and changes all owners of the batch and empties it. On error some of them are changed.
  Result<void, ApplyError> change(ZoneEdit& edit) {
    find();
    for (const Owner& owner : std::span(all_.get(), std::exchange(size_, 0))) {
      const auto node = owner.leaf.is_null() ? std::nullopt : std::optional(NodeView(*zone_->storage(), owner.leaf));
      if (!matches(node, owner.group)) return Failure(ApplyError::kMismatch);
      if (!keeps_rrsets_of_choices(node, owner.group)) return Failure(ApplyError::kChoiceWithoutRrset);
      const auto alters = [](const RrsetChange* set) { return !(set->before == set->after); };
      if (std::ranges::any_of(owner.group, alters)) edit.change(owner.group, owner.tail, owner.leaf);
    }
    return {};
  }

 private:
  struct Owner {
    Group group;
    Key key;
    KeyTail tail;
    Node leaf;  // null: a new owner
  };

  void find() {
    if (zone_->root().is_null()) return;
    const ZoneStorage& storage = *zone_->storage();
    run_interleaved({descents_.data(), size_});
    for (std::size_t i = 0; i < size_; ++i) {
      const Node leaf = descents_[i].node();
      all_[i].leaf = leaf_is(storage.tree(), leaf, all_[i].tail) ? leaf : Node();
      storage.prefetch_bodies(leaf);
    }
  }

  const Zone* zone_;
  std::unique_ptr<Owner[]> all_;
  std::array<Descent, kInterleavedDescents> descents_;
  std::size_t size_ = 0;
};

Result<void, ApplyError> change_all(const Zone& zone, std::span<const RrsetChange* const> sets, ZoneEdit& edit) {
  BatchEdit batch(zone, sets.size());
  Result<void, ApplyError> done;
  for_each_owner(sets, [&](Group group) {
    batch.add(group);
    if (batch.full()) done = batch.change(edit);
    return done.has_value();
  });
  return done ? batch.change(edit) : done;
}

// The same version as a successor of the newest one: undoes the changes between the two.
std::shared_ptr<const Zone> rebase(const Zone& zone) {
  ZoneStorage& storage = *zone.storage();
  const TreeStore& tree = storage.tree();
  const VersionRoots newest = storage.newest_roots();
  TreeEdit edit(storage.tree(), newest.first);
  Nsec3Edit nsec3(storage, newest.second,
                  newest.second.is_null() ? Nsec3Parameters() : nsec3_in_use(storage, newest.first));
  std::vector<RrsetEntry> entries;
  Key key;
  const auto put_back = [&](Node now, Node then) {
    key.assign_labels(tree.owner(then.is_null() ? now : then));
    const KeyTail tail(key);
    Node made;
    if (then.is_null()) {
      edit.erase(tail);
    } else {
      entries.clear();
      for (std::size_t index = 0; index < storage.set_count(then); ++index)
        entries.push_back(storage.entry(then, index));
      edit.put(tail, made = storage.make_leaf(tree.owner(then), entries));
    }
    nsec3.change(tail, now, made);
  };
  DifferenceWalk(tree, put_back).walk(newest.first, zone.root());
  TreeEdit::Outcome edited = edit.commit();
  const Nsec3Edit::Outcome chain = nsec3.commit(edited.root, edited);
  return make_version(zone.storage(), edited, chain, zone.totals());
}

}  // namespace

Result<std::shared_ptr<const Zone>, ApplyError> apply(const std::shared_ptr<const Zone>& zone, const Change& change) {
  if (change.apex.view() != zone->apex()) return Failure(ApplyError::kWrongZone);
  for (const RrsetChange& set : change.sets)
    if (!set.owner.view().is_within(zone->apex())) return Failure(ApplyError::kWrongZone);

  // Versions in one storage form a line. A second successor of one version is therefore added after the first.
  const bool newest = zone->storage()->is_newest(zone->version());
  const std::shared_ptr<const Zone> base = newest ? zone : rebase(*zone);
  ZoneEdit edit(*base);
  Result<void, ApplyError> done;
  try {
    done = change_all(*base, in_order(change), edit);
  } catch (const std::bad_alloc&) {
    edit.abandon();
    throw;
  }
  if (!done) {
    edit.abandon();
    return Failure(done.error());
  }
  return edit.commit();
}

Change inverse(const Change& change) {
  Change undo = change;
  std::swap(undo.from, undo.to);
  for (RrsetChange& set : undo.sets) std::swap(set.before, set.after);
  return undo;
}

}  // namespace dns
