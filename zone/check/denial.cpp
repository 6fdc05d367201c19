#include "zone/check/denial.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "zone/base/ascii.h"
#include "zone/snapshot/nsec3_chain.h"
#include "zone/snapshot/storage.h"

namespace dns {
namespace {

using Fault = DenialFinding::Fault;

constexpr std::uint8_t kOptOut = 1;                // a flag (RFC 5155 3.1.2.1)
constexpr std::size_t kSaltSize = 4, kSaltAt = 5;  // in NSEC3 RDATA (RFC 5155 3.2)

// The types of a bitmap (RFC 4034 4.1.2), ascending.
std::vector<Type> types_in(Bytes bitmap) {
  std::vector<Type> types;
  for (std::size_t at = 0; at < bitmap.size(); at += 2U + bitmap[at + 1])
    for (std::size_t bit = 0; bit < bitmap[at + 1] * std::size_t{8}; ++bit)
      if ((bitmap[at + 2 + bit / 8] & 0x80U >> bit % 8) != 0)
        types.push_back(static_cast<Type>(std::size_t{bitmap[at]} << 8 | bit));
  return types;
}

struct Nsec3Fields {
  Bytes next, bitmap;
  bool opt_out;
};
Nsec3Fields fields_of(Bytes rdata) {
  const std::size_t next = kSaltAt + rdata[kSaltSize], size = rdata[next];
  return {rdata.subspan(next + 1, size), rdata.subspan(next + 1 + size), (rdata[1] & kOptOut) != 0};
}

// The types that the record of a name lists. NSEC3 owners are no names, and NSEC3 records are in no list.
std::vector<Type> types_at(const NodeView& node) {
  std::vector<Type> types;
  for (std::size_t index = 0; index < node.set_count(); ++index) {
    const Type type = node.type(index);
    const bool listed = !node.is_cut() || type == Type::NS || type == Type::DS || type == Type::RRSIG ||
                        type == Type::NSEC;  // a delegation answers for nothing else (RFC 4035 2.3)
    if (listed && type != Type::NSEC3 && (types.empty() || types.back() != type)) types.push_back(type);
  }
  return types;
}

bool is_hashed(const NodeView& node) { return (node.leaf().marks() & kMarkNsec3) != 0; }

class DenialCheck {
 public:
  DenialCheck(const Zone& zone, const std::function<void(const DenialFinding&)>& report)
      : zone_(zone), report_(report), chain_(zone.nsec3_chain()) {}

  void run() {
    const auto apex = zone_.apex_node();
    if (!apex) return;
    const auto named = apex->find(Type::NSEC3PARAM);
    nsec_ = apex->has(Type::NSEC) || (apex->is_signed() && !named);
    zone_.for_each([this](const NodeView& node) {
      check_algorithms(node);
      if (nsec_ || chain_) check_name(node);
      return true;
    });
    if (last_nsec_) check_next(*last_nsec_, *apex);
    if (chain_) check_chain();
  }

 private:
  // An empty non-terminal above the current name, by its number of labels.
  struct EmptyName {
    std::size_t labels;
    bool opted_out;  // it has no NSEC3 record, which is right if all names below it are opted out
  };

  void report(Fault fault, Type type, NameView owner, NameView next = {}) const {
    report_({fault, type, owner, next, {}, {}});
  }

  void check_algorithms(const NodeView& node) {
    for (const Type type : {Type::NSEC3, Type::NSEC3PARAM}) {
      if (type == Type::NSEC3 && !is_hashed(node)) continue;
      const auto set = node.find(type);
      if (set && std::ranges::any_of(*set, [](Bytes rdata) { return rdata[0] != kNsec3Sha1; }))
        report(Fault::kUnknownAlgorithm, type, node.owner());
    }
  }

  void check_name(const NodeView& node) {
    const Name owner = node.owner();
    const bool occluded = above_ && owner.view().is_within(*above_) && owner != *above_;
    if (occluded || has_only_nsec3(node)) {
      if (nsec_ && node.has(Type::NSEC)) report(Fault::kNoName, Type::NSEC, owner);
      return;
    }
    above_.reset();
    if (node.is_cut() || node.has_dname()) above_ = owner;
    if (nsec_) check_nsec(node, owner);
    if (chain_) check_nsec3(node, owner);
    before_ = owner;
  }

  void check_nsec(const NodeView& node, const Name& owner) {
    const auto record = node.find(Type::NSEC);
    if (!record) return report(Fault::kNoRecord, Type::NSEC, owner);
    if (last_nsec_) check_next(*last_nsec_, node);
    last_nsec_ = node;
    const Bytes rdata = *record->begin();
    check_types(Type::NSEC, owner, types_in(rdata.subspan(read_name(rdata)->size())), types_at(node));
  }

  void check_next(const NodeView& node, const NodeView& next) const {
    const Bytes rdata = *node.find(Type::NSEC)->begin();
    if (*read_name(rdata) != next.owner().view()) report(Fault::kNext, Type::NSEC, node.owner(), next.owner());
  }

  void check_types(Type type, NameView owner, const std::vector<Type>& listed, const std::vector<Type>& there) const {
    if (listed == there) return;
    DenialFinding finding{Fault::kTypes, type, owner, {}, {}, {}};
    std::ranges::set_difference(there, listed, std::back_inserter(finding.lacks));
    std::ranges::set_difference(listed, there, std::back_inserter(finding.lists));
    report_(finding);
  }

  // The record of the chain at a node. Other chains may have records there.
  Bytes record_of(const NodeView& node) const {
    const RrsetView set = *node.find(Type::NSEC3);
    return *std::ranges::find_if(set, [this](Bytes rdata) { return zone_.trees().nsec3.match(rdata); });
  }

  // Checks the record of a name, whose types are `there`. `may_lack`: the name needs none where names are opted out.
  // True if there is no record, and rightly so.
  bool check_hash(NameView name, const std::vector<Type>& there, bool may_lack) {
    const Nsec3ChainView::Found found = chain_->find(chain_->hash(name));
    const Nsec3Fields fields = fields_of(record_of(found.node));
    if (found.matches) {
      seen_.insert(found.node.leaf().ref());
      check_types(Type::NSEC3, name, types_in(fields.bitmap), there);
      return false;
    }
    if (may_lack && fields.opt_out) return true;
    report(Fault::kNoRecord, Type::NSEC3, name);
    return false;
  }

  void check_nsec3(const NodeView& node, const Name& owner) {
    const bool insecure = node.is_cut() && !node.has(Type::DS);
    check_empty_names(owner);
    if (check_hash(owner, types_at(node), insecure)) return;
    for (EmptyName& empty : empty_)  // a name below it has a record: it needs one, too (RFC 5155 7.1)
      if (std::exchange(empty.opted_out, false))
        report(Fault::kNoRecord, Type::NSEC3, owner.view().drop(owner.view().labels() - empty.labels));
  }

  // The empty non-terminals between the name before and this one.
  void check_empty_names(NameView owner) {
    const std::size_t labels = owner.labels();
    std::size_t common = zone_.apex_labels();
    if (before_) {
      const std::size_t of_before = before_->view().labels();
      while (common < std::min(labels, of_before) &&
             owner.drop(labels - common - 1) == before_->view().drop(of_before - common - 1))
        ++common;
    }
    while (!empty_.empty() && empty_.back().labels > common) empty_.pop_back();
    for (std::size_t at = common + 1; at < labels; ++at)
      empty_.push_back({at, check_hash(owner.drop(labels - at), {}, true)});
  }

  void check_chain() const {
    const ZoneStorage& storage = *zone_.storage();
    std::vector<Node> leaves;
    visit_leaves(storage.tree(), zone_.trees().roots.second, [&](Node leaf) { return leaves.push_back(leaf), true; });
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      const NodeView node(storage, leaves[i]), next(storage, leaves[(i + 1) % leaves.size()]);
      if (!seen_.contains(leaves[i].ref())) report(Fault::kNoName, Type::NSEC3, node.owner());
      const Bytes hash = fields_of(record_of(node)).next;
      if (hash.size() != sizeof(Nsec3Hash) || !is_hash_of(hash, next))
        report(Fault::kNext, Type::NSEC3, node.owner(), next.owner());
    }
  }

  static bool is_hash_of(Bytes octets, const NodeView& node) {
    Nsec3Hash hash;
    std::ranges::copy(octets, hash.begin());
    const Nsec3Label label = nsec3_label(hash);
    return equal_fold(node.relative_owner().subspan(1), label);
  }

  const Zone& zone_;
  const std::function<void(const DenialFinding&)>& report_;
  const std::optional<Nsec3ChainView> chain_;
  bool nsec_ = false;
  std::optional<Name> above_, before_;  // the cut or DNAME above, and the authoritative name before the current one
  std::optional<NodeView> last_nsec_;
  std::vector<EmptyName> empty_;
  std::unordered_set<std::uint32_t> seen_;  // leaves of the chain that belong to names
};

}  // namespace

void check_denial(const Zone& zone, const std::function<void(const DenialFinding&)>& report) {
  DenialCheck(zone, report).run();
}

}  // namespace dns
