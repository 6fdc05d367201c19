// The walk of `check` over one subtree of a zone's names: what is found on the way, and what only the whole zone can
// tell.
//
// It is a subtree that no cut and no DNAME covers but one of its own, or all names. One thread;
// the cache of checked NS sets is shared by those that walk other subtrees at the same time.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "zone/check/check.h"

namespace dns {

// Bodies of NS sets that need no second look, whoever owns them: many delegations share one. The place is the body's
// hash.
class CheckedNsSets {
 public:
  enum class Verdict : std::uint8_t {
    kUnknown,
    kExceptOwn,  // all in-zone servers were found; one at or below the owner has to be looked at anew
    kAlways,     // no server lies in the zone
  };

  // For a zone of so many names.
  explicit CheckedNsSets(std::size_t names);
  Verdict of(std::uint32_t body) const;
  void note(std::uint32_t body, Verdict verdict);

 private:
  // | body 62 | verdict 2 |; 0: free
  using Place = std::uint64_t;
  static Place noted(std::uint32_t body, Verdict verdict) { return Place{body} << 2 | static_cast<Place>(verdict); }
  std::size_t place_of(std::uint32_t body) const { return body & (places_.size() - 1); }

  std::vector<std::atomic<Place>> places_;  // a power of two
};

class Checker {
 public:
  // Whether a set may not fit into an answer by UDP where none has more octets than this.
  static bool may_be_large(std::size_t largest_set);

  // All outlive the checker.
  Checker(const Zone& zone, std::size_t limit, bool may_be_large, CheckedNsSets& checked_ns)
      : zone_(zone), limit_(limit), may_be_large_(may_be_large), checked_ns_(checked_ns) {}

  // At most `limit` each, in the order of the walk, which is canonical but for what concerns a cut: that follows what
  // lies below it.
  struct Found {
    std::vector<ZoneFinding> errors, warnings;
    std::vector<NodeView> unreferenced_addresses;  // below a cut, and not of a server that this cut names
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

  // The topmost cut or DNAME that the walk is below; names below follow it at once, in canonical order.
  std::optional<NodeView> cut_or_dname_;
  std::size_t cut_ns_index_ = 0;    // which of its sets is NS
  bool cut_has_mx_or_srv_ = false;  // it has MX or SRV, too
  bool reported_below_dname_ = false;
  // Of a cut: its servers at or below it, whose addresses the walk comes by, and whether it has others to look up.
  struct Glue {
    Bytes relative;
    bool found;
  };
  std::vector<Glue> glue_;
  bool has_other_servers_ = false;
};

}  // namespace dns
