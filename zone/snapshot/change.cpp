#include "zone/snapshot/change.h"

#include <algorithm>

#include "zone/snapshot/builder.h"
#include "zone/snapshot/choice.h"
#include "zone/snapshot/storage.h"
#include "zone/tree/edit.h"

namespace dns {
namespace {

using Group = std::span<const SetChange* const>;  // the changes of one owner, ascending

SetKind kind_of(const SetChange& change) { return SetKind::of(change.type, change.covered); }

bool same_owner(const SetChange& a, const SetChange& b) { return a.owner == b.owner; }

std::vector<const SetChange*> in_order(const Change& change) {
  std::vector<const SetChange*> sets;
  sets.reserve(change.sets.size());
  for (const SetChange& set : change.sets) sets.push_back(&set);
  const auto before = [](const SetChange* a, const SetChange* b) {
    const auto order = canonical_order(a->owner, b->owner);
    return order == 0 ? kind_of(*a) < kind_of(*b) : order < 0;
  };
  if (!std::ranges::is_sorted(sets, before)) std::ranges::sort(sets, before);
  return sets;
}

// Calls `visit(Group)` for the sets of each owner until it returns false; false where it did.
template <class Visit>
bool for_each_owner(std::span<const SetChange* const> sets, Visit&& visit) {
  while (!sets.empty()) {
    const auto end = std::ranges::find_if(sets, [&](const SetChange* set) { return !same_owner(*set, *sets.front()); });
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
  if (type == kChoiceType) return node.choice_of(covered);
  return node.find(type);
}

// True where the version holds what each `before` says.
bool matches(const Zone& zone, Group group) {
  const auto node = zone.find_exact(group.front()->owner);
  for (std::size_t i = 0; i < group.size(); ++i) {
    const SetChange& set = *group[i];
    if (i > 0 && kind_of(*group[i - 1]) == kind_of(set)) return false;
    if (!holds(node ? held_by(*node, set.type, set.covered) : std::nullopt, set.before)) return false;
  }
  return true;
}

// True where each choice of the owner stands beside its set after the change.
bool keeps_choices_company(const Zone& zone, Group group) {
  const auto node = zone.find_exact(group.front()->owner);
  const auto is_choice = [](const SetChange* set) { return set->type == kChoiceType; };
  if (!(node && node->has_choices()) && std::ranges::none_of(group, is_choice)) return true;
  const auto stands_after = [&](Type type, Type covered) {
    const auto set = std::ranges::find(group, SetKind::of(type, covered), [](const SetChange* change) { return kind_of(*change); });
    return set != group.end() ? (*set)->after.count != 0 : node && held_by(*node, type, covered).has_value();
  };
  for (const Type type : kChosenTypes)
    if (stands_after(kChoiceType, type) && !stands_after(type, {})) return false;
  return std::ranges::all_of(group, [&](const SetChange* set) {
    return !is_choice(set) || std::ranges::find(kChosenTypes, set->covered) != kChosenTypes.end();
  });
}

// An edit of one zone under way.
class ZoneEdit {
 public:
  explicit ZoneEdit(const Zone& zone)
      : storage_(zone.storage()), edit_(storage_->tree(), zone.root()), totals_(zone.totals()) {}

  void change(Group group) {
    const Key key(group.front()->owner);
    const KeyTail tail(key, storage_->extent());
    const Node old = edit_.find(tail);
    count(group);
    merge(group, old);
    if (entries_.empty()) {
      edit_.erase(tail);
      if (!old.is_null()) --totals_.names;
      return;
    }
    if (old.is_null()) ++totals_.names;
    const Bytes absolute = group.front()->owner.view().bytes();
    const Bytes relative = old.is_null() ? absolute.first(absolute.size() - storage_->apex().size()) : storage_->tree().owner(old);
    edit_.put(tail, storage_->make_leaf(relative, entries_));
  }

  std::shared_ptr<const Zone> commit() {
    TreeEdit::Outcome edited = edit_.commit();
    totals_.bytes = storage_->tree().bytes();
    const std::uint64_t version = storage_->add_version(std::move(edited.made), std::move(edited.retired));
    return std::make_shared<const Zone>(storage_, edited.root, version, totals_);
  }

 private:
  void count(Group group) {
    for (const SetChange* set : group) {
      if (set->type == kChoiceType) continue;
      totals_.records += std::uint64_t{set->after.count} - set->before.count;  // wraps and wraps back
      totals_.sets += std::uint64_t{set->after.count != 0} - std::uint64_t{set->before.count != 0};
    }
  }

  // The leaf's entries after the change: those that it does not touch keep their bodies.
  void merge(Group group, Node old) {
    entries_.clear();
    const std::size_t held = old.is_null() ? 0 : storage_->set_count(old);
    std::size_t index = 0;
    for (const SetChange* set : group) {
      const SetKind kind = kind_of(*set);
      for (; index < held && storage_->entry(old, index).kind < kind; ++index) entries_.push_back(storage_->entry(old, index));
      if (index < held && storage_->entry(old, index).kind == kind) ++index;
      if (set->after.count != 0) entries_.push_back({kind, storage_->make_body(set->after.ttl, set->after.count, set->after.packed)});
    }
    for (; index < held; ++index) entries_.push_back(storage_->entry(old, index));
  }

  std::shared_ptr<ZoneStorage> storage_;
  TreeEdit edit_;
  ZoneTotals totals_;
  std::vector<SetEntry> entries_;
};

// The same records, and the same choices, in a storage of their own.
std::shared_ptr<const Zone> copy_of(const Zone& zone) {
  ZoneBuilder builder(zone.apex());
  std::vector<SetChange> choices;
  zone.for_each([&](const NodeView& node) {
    const Name owner = node.owner();
    for (std::size_t index = 0; index < node.set_count(); ++index) {
      const RrsetView set = node.set(index);
      for (const Bytes rdata : set) builder.add(owner, set.type, set.ttl, rdata);
    }
    for (const Type type : kChosenTypes)
      if (const auto choice = node.choice_of(type)) choices.push_back({owner, kChoiceType, type, {}, Rrset(*choice)});
    return true;
  });
  std::shared_ptr<const Zone> records = builder.finish().zone;
  if (choices.empty()) return records;
  ZoneEdit edit(*records);
  for (std::size_t first = 0; first < choices.size();) {
    std::vector<const SetChange*> group{&choices[first]};
    if (first + 1 < choices.size() && same_owner(choices[first], choices[first + 1])) group.push_back(&choices[first + 1]);
    edit.change(group);
    first += group.size();
  }
  return edit.commit();
}

}  // namespace

Result<std::shared_ptr<const Zone>, ApplyError> apply(const std::shared_ptr<const Zone>& zone, const Change& change) {
  if (change.apex.view() != zone->apex()) return Failure(ApplyError::kWrongZone);
  for (const SetChange& set : change.sets)
    if (!set.owner.view().is_within(zone->apex())) return Failure(ApplyError::kWrongZone);

  const std::vector<const SetChange*> sets = in_order(change);
  if (!for_each_owner(sets, [&](Group group) { return matches(*zone, group); })) return Failure(ApplyError::kMismatch);
  if (!for_each_owner(sets, [&](Group group) { return keeps_choices_company(*zone, group); })) return Failure(ApplyError::kLoneChoice);

  // Versions in one storage form a line. A second successor of one version begins a storage of its own.
  const bool newest = zone->storage()->is_newest(zone->version());
  const std::shared_ptr<const Zone> base = newest ? zone : copy_of(*zone);
  ZoneEdit edit(*base);
  for_each_owner(sets, [&](Group group) {
    if (std::ranges::any_of(group, [](const SetChange* set) { return !(set->before == set->after); })) edit.change(group);
    return true;
  });
  return edit.commit();
}

Change inverse(const Change& change) {
  Change undo = change;
  for (SetChange& set : undo.sets) std::swap(set.before, set.after);
  return undo;
}

}  // namespace dns
