#include "zone/snapshot/diff.h"

#include "zone/tree/differences.h"

namespace dns {
namespace {

// Collects the differences between the RRsets of one owner after another.
class Differ {
 public:
  Differ(const ZoneStorage& from, const ZoneStorage& to, Change& change) : from_(from), to_(to), change_(change) {}

  // The leaves of one name; null if a version has none. The entries of both ascend by kind.
  void operator()(Node before, Node after) {
    const std::size_t before_count = before.is_null() ? 0 : from_.set_count(before);
    const std::size_t after_count = after.is_null() ? 0 : to_.set_count(after);
    for (std::size_t i = 0, j = 0; i < before_count || j < after_count;) {
      const RrsetEntry was = i < before_count ? from_.entry(before, i) : kEnd;
      const RrsetEntry is = j < after_count ? to_.entry(after, j) : kEnd;
      const bool both = was.kind == is.kind;
      const bool gone = both || was.kind < is.kind, came = both || is.kind < was.kind;
      if (!both || !equal_bodies(was.body, is.body)) {
        RrsetChange set;
        const RrsetKind kind = gone ? was.kind : is.kind;
        set.owner = after.is_null() ? NodeView(from_, before).owner() : NodeView(to_, after).owner();
        set.type = kind.type();
        set.covered = kind.covered();
        if (gone) set.before = Rrset(from_.view(was));
        if (came) set.after = Rrset(to_.view(is));
        change_.sets.push_back(std::move(set));
      }
      i += gone;
      j += came;
    }
  }

 private:
  static constexpr RrsetEntry kEnd{{0xffff'ffff}, 0};  // behind every kind: no client choice covers type 65535

  bool equal_bodies(std::uint32_t was, std::uint32_t is) const {
    if (&from_ == &to_ && was == is) return true;
    const RrsetView set = to_.view({{}, is});
    return from_.body_equals(was, set.ttl, set.count, {set.packed, set.packed_size()});
  }

  const ZoneStorage& from_;
  const ZoneStorage& to_;
  Change& change_;
};

}  // namespace

void diff_owner(StoredLeaf from, StoredLeaf to, Change& change) {
  Differ(*from.storage, *to.storage, change)(from.leaf, to.leaf);
}

Change diff(const Zone& from, const Zone& to) {
  require(from.apex() == to.apex(), "only versions of one zone are compared");
  Change change;
  change.apex = to.apex();
  change.from = from.serial();
  change.to = to.serial();
  const ZoneStorage& old_storage = *from.storage();
  const ZoneStorage& new_storage = *to.storage();
  Differ differ(old_storage, new_storage, change);
  if (from.storage() == to.storage()) {
    DifferenceWalk(new_storage.tree(), differ).walk(from.root(), to.root());
  } else {
    visit_merged(old_storage.tree(), from.root(), new_storage.tree(), to.root(), differ);
  }
  return change;
}

}  // namespace dns
