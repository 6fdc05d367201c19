// The walk of `check` over one subtree of a zone's names. It returns findings, and the cases that only the whole zone
// can decide.
//
// No cut or DNAME outside the subtree covers names in it. One thread for each checker. Checkers of other subtrees share
// the cache of checked NS RRsets and run at the same time.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "zone/check/check.h"

namespace dns {

// A cache of NS RRset bodies that are already checked: many delegations share one body. The slot is given by the low
// bits of the body reference.
class CheckedNsSets {
 public:
  enum class Verdict : std::uint8_t {
    kUnknown,
    kExceptOwn,  // all in-zone servers have addresses; servers at or below an owner need a new check
    kAlways,     // no server lies in the zone
  };

  // `names`: the number of names of the zone.
  explicit CheckedNsSets(std::size_t names);
  Verdict of(std::uint32_t body) const;
  void note(std::uint32_t body, Verdict verdict);

 private:
  // | body 62 | verdict 2 |; 0: free
  using Place = std::uint64_t;
  static Place noted(std::uint32_t body, Verdict verdict) { return Place{body} << 2 | static_cast<Place>(verdict); }
  std::size_t place_of(std::uint32_t body) const { return body & (places_.size() - 1); }

  std::vector<std::atomic<Place>> places_;  // the size is a power of two
};

class Checker {
 public:
  // Whether an RRset of up to `largest_set` octets may be too large for an answer by UDP.
  static bool may_be_large(std::size_t largest_set);

  // The arguments must outlive the checker.
  Checker(const Zone& zone, std::size_t limit, bool may_be_large, CheckedNsSets& checked_ns)
      : zone_(zone), limit_(limit), may_be_large_(may_be_large), checked_ns_(checked_ns) {}

  // At most `limit` of each kind, in the order of the walk. It is the canonical order, except that findings about a cut
  // follow those about the names below it.
  struct Found {
    std::vector<ZoneFinding> errors, warnings;
    std::vector<NodeView> unreferenced_addresses;  // below a cut, and not glue of this cut
  };
  Found run(Node subtree);

 private:
  void report(Finding finding, NameView owner, Type type, NameView target = {}) {
    std::vector<ZoneFinding>& found = is_error(finding) ? found_.errors : found_.warnings;
    if (found.size() < limit_) found.push_back({finding, owner, type, target});
  }

  void check_node(const NodeView& node);
  void check_aliases(const NodeView& node, const Name& owner);
  void check_cut(const NodeView& node);
  void enter_cut(const NodeView& node);
  void leave_cut_or_dname();
  void check_occluded(const NodeView& node);
  bool is_glue(Bytes relative_owner);
  void check_sizes(const NodeView& node);
  void check_targets(const NodeView& node, Type type);
  void check_target(const NodeView& source, Type type, NameView target);
  bool in_zone(NameView name) const { return name.is_within(zone_.apex()); }
  Bytes relative(NameView name) const { return name.bytes().first(name.size() - zone_.apex().size()); }

  const Zone& zone_;
  std::size_t limit_;
  bool may_be_large_;
  CheckedNsSets& checked_ns_;
  Found found_;

  // The topmost cut or DNAME above the current name. In canonical order the names below it follow directly.
  std::optional<NodeView> cut_or_dname_;
  std::size_t cut_ns_index_ = 0;    // the index of its NS RRset
  bool cut_has_mx_or_srv_ = false;  // it also has MX or SRV
  bool reported_below_dname_ = false;
  // For a cut: its name servers at or below it, whose addresses the walk will reach, and whether it has other in-zone
  // name servers, which need a lookup.
  struct Glue {
    Bytes relative;
    bool found;
  };
  std::vector<Glue> glue_;
  bool has_other_servers_ = false;
};

}  // namespace dns
