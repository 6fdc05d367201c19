#include "zone/snapshot/check.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "zone/base/ascii.h"
#include "zone/rr/rdata.h"
#include "zone/snapshot/checker.h"
#include "zone/snapshot/storage.h"

namespace dns {
namespace {

constexpr std::size_t kStretchesEach = 16;   // a worker: so that none waits long for the last

struct FoldedHash {
  std::size_t operator()(const Name& name) const {
    std::size_t hash = 0;
    for (const std::uint8_t octet : name.view().bytes()) hash = (hash ^ fold(octet)) * 0x100000001b3;
    return hash;
  }
};

// True where the names below a branch part within their topmost label: then none of them covers what hangs from another twig.
bool parts_in_first_label(const TreeStore& tree, Node branch) {
  Key key;
  key.assign_labels(tree.owner(first_leaf(tree, branch)));
  for (unsigned at = 0; at < branch.offset(); ++at)
    if (key[at] == kLabelEnd) return false;
  return true;
}

// Subtrees that hold all names, in canonical order: at least `wanted` where they can be parted.
std::vector<Node> stretches_of(const Zone& zone, std::size_t wanted) {
  std::vector<Node> stretches{zone.root()};
  if (const auto apex = zone.apex_node(); !apex || apex->has_dname()) return stretches;   // that would cover all the others
  const TreeStore& tree = zone.storage()->tree();
  for (std::size_t before = 0; before < stretches.size() && stretches.size() < wanted;) {
    before = stretches.size();
    std::vector<Node> parted;
    for (const Node node : stretches) {
      if (!node.is_branch() || !parts_in_first_label(tree, node)) {
        parted.push_back(node);
        continue;
      }
      for (unsigned place = 0; place < node.twigs(); ++place) parted.push_back(tree.twig(node, place));
    }
    stretches = std::move(parted);
  }
  return stretches;
}

class Check {
 public:
  Check(const Zone& zone, std::size_t limit) : zone_(zone), limit_(limit) {}

  std::vector<ZoneFinding> run(std::size_t largest_set, const Together& together) {
    check_apex();
    walk(largest_set, together);
    check_lone_addresses();
    std::ranges::stable_sort(warnings_, [](const ZoneFinding& a, const ZoneFinding& b) { return canonical_order(a.owner, b.owner) < 0; });
    append(errors_, warnings_);
    return std::move(errors_);
  }

 private:
  void tell(Finding finding, NameView owner, Type type, NameView target = {}) {
    std::vector<ZoneFinding>& found = is_error(finding) ? errors_ : warnings_;
    if (found.size() < limit_) found.push_back({finding, owner, type, target});
  }
  // As many as the limit leaves room for.
  void append(std::vector<ZoneFinding>& found, const std::vector<ZoneFinding>& more) const {
    const std::size_t room = limit_ - std::min(limit_, found.size());
    found.insert(found.end(), more.begin(), more.begin() + static_cast<std::ptrdiff_t>(std::min(room, more.size())));
  }

  void check_apex();
  void walk(std::size_t largest_set, const Together& together);
  void check_lone_addresses();

  const Zone& zone_;
  std::size_t limit_;
  std::vector<ZoneFinding> errors_, warnings_;
  std::vector<NodeView> lone_addresses_;
};

void Check::check_apex() {
  const auto apex = zone_.apex_node();
  if (!apex || !apex->has(Type::SOA)) {
    tell(Finding::kNoSoa, zone_.apex(), Type::SOA);
  } else if (zone_.serial() == Serial{0}) {
    tell(Finding::kSerialZero, zone_.apex(), Type::SOA);
  }
  if (!apex || !apex->has(Type::NS)) tell(Finding::kNoApexNs, zone_.apex(), Type::NS);
}

// By as many as there are; what they find is put together in the order of one walk.
void Check::walk(std::size_t largest_set, const Together& together) {
  if (zone_.root().is_null()) return;
  const bool many = zone_.totals().bytes >= together.least;
  const std::vector<Node> stretches = stretches_of(zone_, many ? kStretchesEach * together.width : 1);
  SoundServers sound(zone_.totals().names);
  std::vector<Checker::Found> found(stretches.size());
  together(stretches.size(), [&](std::size_t at) {
    found[at] = Checker(zone_, limit_, Checker::may_be_large(largest_set), sound).run(stretches[at]);
  });
  for (const Checker::Found& part : found) {
    append(errors_, part.errors);
    append(warnings_, part.warnings);
    lone_addresses_.insert(lone_addresses_.end(), part.lone_addresses.begin(), part.lone_addresses.end());
  }
}

// Addresses below one cut may be glue of another. One more pass finds them, where there are any to be found.
void Check::check_lone_addresses() {
  if (lone_addresses_.empty()) return;
  std::unordered_set<Name, FoldedHash> unnamed;
  for (const NodeView& node : lone_addresses_) unnamed.insert(node.owner());
  zone_.for_each([&](const NodeView& node) {
    const auto servers = node.find(Type::NS);
    if (!servers) return true;
    for (const Bytes rdata : *servers)
      if (const auto target = additional_target(Type::NS, rdata)) unnamed.erase(*target);
    return !unnamed.empty();
  });
  for (const NodeView& node : lone_addresses_) {
    const Name owner = node.owner();
    if (!unnamed.contains(owner)) continue;
    const Lookup lookup = zone_.find(Key(owner));
    const Name hider = lookup.covering ? lookup.covering->owner() : Name();
    for (const Type type : {Type::A, Type::AAAA})
      if (node.has(type)) tell(Finding::kOccluded, owner, type, hider);
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
    case Finding::kSetTooLarge:
      return true;
    case Finding::kSerialZero:
    case Finding::kTargetIsCname:
    case Finding::kTargetWithoutAddress:
    case Finding::kMissingGlue:
    case Finding::kOccluded:
    case Finding::kSetTooLargeForUdp:
    case Finding::kDsWithoutCut:
    case Finding::kCutWithOtherData:
    case Finding::kCutAtWildcard:
      return false;
  }
  return false;
}

bool is_unproved(const Zone& zone) {
  const auto apex = zone.apex_node();
  return apex && apex->has(Type::NSEC3PARAM) && !apex->has(Type::NSEC) && zone.hash_chain() == nullptr;
}

std::vector<ZoneFinding> check(const Zone& zone, std::size_t limit, std::size_t largest_set, const Together& together) {
  return Check(zone, limit).run(largest_set, together);
}

}  // namespace dns
