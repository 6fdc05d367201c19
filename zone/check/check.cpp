#include "zone/check/check.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "zone/base/ascii.h"
#include "zone/check/checker.h"
#include "zone/rr/rdata.h"
#include "zone/snapshot/storage.h"

namespace dns {
namespace {

constexpr std::size_t kSubtreesPerThread = 16;  // no thread waits long for the last subtree

struct FoldedHash {
  std::size_t operator()(const Name& name) const {
    std::size_t hash = 0;
    for (const std::uint8_t octet : name.view().bytes()) hash = (hash ^ fold(octet)) * 0x100000001b3;
    return hash;
  }
};

// True if the names below a branch differ in the label directly below the apex. A cut or DNAME below one twig then
// cannot cover names below another twig.
bool parts_in_first_label(const TreeStore& tree, Node branch) {
  Key key;
  key.assign_labels(tree.owner(first_leaf(tree, branch)));
  for (unsigned at = 0; at < branch.offset(); ++at)
    if (key[at] == kLabelEnd) return false;
  return true;
}

// Subtrees that together hold all names, in canonical order. At least `wanted`, if the zone can be split that far.
std::vector<Node> subtrees_of(const Zone& zone, std::size_t wanted) {
  std::vector<Node> subtrees{zone.root()};
  if (const auto apex = zone.apex_node(); !apex || apex->has_dname())
    return subtrees;  // a DNAME at the apex covers all other names
  const TreeStore& tree = zone.storage()->tree();
  for (std::size_t before = 0; before < subtrees.size() && subtrees.size() < wanted;) {
    before = subtrees.size();
    std::vector<Node> parted;
    for (const Node node : subtrees) {
      if (!node.is_branch() || !parts_in_first_label(tree, node)) {
        parted.push_back(node);
        continue;
      }
      for (unsigned place = 0; place < node.twigs(); ++place) parted.push_back(tree.twig(node, place));
    }
    subtrees = std::move(parted);
  }
  return subtrees;
}

class ZoneCheck {
 public:
  ZoneCheck(const Zone& zone, std::size_t limit) : zone_(zone), limit_(limit) {}

  std::vector<ZoneFinding> run(std::size_t largest_set, const ParallelExecutor& parallel) {
    check_apex();
    walk(largest_set, parallel);
    check_unreferenced_addresses();
    std::ranges::stable_sort(
        warnings_, [](const ZoneFinding& a, const ZoneFinding& b) { return canonical_order(a.owner, b.owner) < 0; });
    append(errors_, warnings_);
    return std::move(errors_);
  }

 private:
  void report(Finding finding, NameView owner, Type type, NameView target = {}) {
    std::vector<ZoneFinding>& found = is_error(finding) ? errors_ : warnings_;
    if (found.size() < limit_) found.push_back({finding, owner, type, target});
  }
  // Appends findings up to the limit.
  void append(std::vector<ZoneFinding>& found, const std::vector<ZoneFinding>& more) const {
    const std::size_t room = limit_ - std::min(limit_, found.size());
    found.insert(found.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(std::min(room, more.size())));
  }

  void check_apex();
  void walk(std::size_t largest_set, const ParallelExecutor& parallel);
  void check_unreferenced_addresses();

  const Zone& zone_;
  std::size_t limit_;
  std::vector<ZoneFinding> errors_, warnings_;
  std::vector<NodeView> unreferenced_addresses_;
};

void ZoneCheck::check_apex() {
  const auto apex = zone_.apex_node();
  if (!apex || !apex->has(Type::SOA)) {
    report(Finding::kNoSoa, zone_.apex(), Type::SOA);
  } else if (zone_.serial() == Serial{0}) {
    report(Finding::kSerialZero, zone_.apex(), Type::SOA);
  }
  if (!apex || !apex->has(Type::NS)) report(Finding::kNoApexNs, zone_.apex(), Type::NS);
}

// Several threads walk over subtrees. Their findings are joined in the order of a single walk.
void ZoneCheck::walk(std::size_t largest_set, const ParallelExecutor& parallel) {
  if (zone_.root().is_null()) return;
  const bool many = zone_.totals().bytes >= parallel.min_part_octets;
  const std::vector<Node> subtrees = subtrees_of(zone_, many ? kSubtreesPerThread * parallel.threads : 1);
  CheckedNsSets checked_ns(zone_.totals().names);
  std::vector<Checker::Found> found(subtrees.size());
  parallel(subtrees.size(), [&](std::size_t at) {
    found[at] = Checker(zone_, limit_, Checker::may_be_large(largest_set), checked_ns).run(subtrees[at]);
  });
  for (const Checker::Found& part : found) {
    append(errors_, part.errors);
    append(warnings_, part.warnings);
    unreferenced_addresses_.insert(unreferenced_addresses_.end(), part.unreferenced_addresses.begin(),
                                   part.unreferenced_addresses.end());
  }
}

// Addresses below one cut may be glue for another delegation. A second pass over the zone finds these cases, if needed.
void ZoneCheck::check_unreferenced_addresses() {
  if (unreferenced_addresses_.empty()) return;
  std::unordered_set<Name, FoldedHash> unnamed;
  for (const NodeView& node : unreferenced_addresses_) unnamed.insert(node.owner());
  zone_.for_each([&](const NodeView& node) {
    const auto servers = node.find(Type::NS);
    if (!servers) return true;
    for (const Bytes rdata : *servers)
      if (const auto target = additional_target(Type::NS, rdata)) unnamed.erase(*target);
    return !unnamed.empty();
  });
  for (const NodeView& node : unreferenced_addresses_) {
    const Name owner = node.owner();
    if (!unnamed.contains(owner)) continue;
    const Lookup lookup = zone_.find(Key(owner));
    const Name occluding_name = lookup.cut_or_dname ? lookup.cut_or_dname->owner() : Name();
    for (const Type type : {Type::A, Type::AAAA})
      if (node.has(type)) report(Finding::kOccluded, owner, type, occluding_name);
  }
}

}  // namespace

bool is_error(Finding finding) {
  switch (finding) {
    case Finding::kNoSoa:
    case Finding::kNoApexNs:
    case Finding::kCnameWithOtherData:
    case Finding::kSeveralCnames:
    case Finding::kSeveralDnames:
    case Finding::kDnameWithNamesBelow:
    case Finding::kDnameWithCname:
    case Finding::kRrsetTooLarge: return true;
    case Finding::kSerialZero:
    case Finding::kTargetIsCname:
    case Finding::kTargetWithoutAddress:
    case Finding::kMissingGlue:
    case Finding::kOccluded:
    case Finding::kRrsetTooLargeForUdp:
    case Finding::kDsWithoutCut:
    case Finding::kCutWithOtherData:
    case Finding::kCutAtWildcard: return false;
  }
  return false;
}

bool lacks_denial_records(const Zone& zone) {
  const auto apex = zone.apex_node();
  return apex && apex->has(Type::NSEC3PARAM) && !apex->has(Type::NSEC) && !zone.has_nsec3();
}

std::vector<ZoneFinding> check(const Zone& zone, std::size_t limit, std::size_t largest_set,
                               const ParallelExecutor& parallel) {
  return ZoneCheck(zone, limit).run(largest_set, parallel);
}

}  // namespace dns
