#include "zone/snapshot/check.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <unordered_set>
#include <utility>

#include "zone/base/ascii.h"
#include "zone/rr/rdata.h"

namespace dns {
namespace {

constexpr std::size_t kUdpAnswer = 1232;      // what crosses the network unfragmented, as EDNS is sent by default
constexpr std::size_t kLargestMessage = 65535;
constexpr std::size_t kHeaderAndOpt = 12 + 11;
constexpr std::size_t kQuestionFixed = 4;     // type and class
constexpr std::size_t kOwnerPointer = 2;
constexpr std::size_t kNoSet = ~std::size_t{0};
constexpr std::size_t kFewNames = 64, kManyNames = 65536;   // least and most NS sets that are remembered as sound

bool is_address(Type type) { return type == Type::A || type == Type::AAAA; }
bool has_address(const NodeView& node) { return node.has(Type::A) || node.has(Type::AAAA); }

// DNSSEC's own records stand beside a CNAME (RFC 4035 2.5, RFC 2181 10.1).
bool may_stand_beside_cname(Type type) {
  return type == Type::CNAME || type == Type::RRSIG || type == Type::NSEC || type == Type::KEY;
}

bool may_stand_at_cut(Type type) {
  return type == Type::NS || type == Type::DS || type == Type::RRSIG || type == Type::NSEC || is_address(type);
}

// True where a relative owner lies below another. Label after label is left off, so that only whole ones count.
bool is_below(Bytes owner, Bytes above) {
  std::size_t skip = 0;
  while (owner.size() > above.size() + skip) skip += 1U + owner[skip];
  return skip != 0 && equal_fold(owner.subspan(skip), above);
}

bool is_wildcard(Bytes relative_owner) { return relative_owner.size() >= 2 && relative_owner[0] == 1 && relative_owner[1] == '*'; }

// Octets of the largest answer that holds one set alone.
std::size_t answer_size(std::size_t owner_size, std::size_t count, std::size_t octets) {
  return kHeaderAndOpt + owner_size + kQuestionFixed + octets + count * kOwnerPointer;
}

struct FoldedHash {
  std::size_t operator()(const Name& name) const {
    std::size_t hash = 0;
    for (const std::uint8_t octet : name.view().bytes()) hash = (hash ^ fold(octet)) * 0x100000001b3;
    return hash;
  }
};

class Checker {
 public:
  Checker(const Zone& zone, std::size_t limit, std::size_t largest_set)
      : zone_(zone), limit_(limit), sound_(std::bit_ceil(std::clamp<std::size_t>(zone.totals().names / 8, kFewNames, kManyNames))) {
    // Each record takes eight octets at least: so many can there be in the largest set.
    may_be_large_ = largest_set > kUdpAnswer || answer_size(kMaxName, largest_set / 8, largest_set) > kUdpAnswer;
  }

  std::vector<ZoneFinding> run() {
    check_apex();
    zone_.for_each([this](const NodeView& node) {
      check_node(node);
      return errors_.size() < limit_;
    });
    end_cover();
    check_lone_addresses();
    std::ranges::stable_sort(warnings_, [](const ZoneFinding& a, const ZoneFinding& b) { return canonical_order(a.owner, b.owner) < 0; });
    const std::size_t room = std::min(limit_ - std::min(limit_, errors_.size()), warnings_.size());
    errors_.insert(errors_.end(), warnings_.begin(), warnings_.begin() + static_cast<std::ptrdiff_t>(room));
    return std::move(errors_);
  }

 private:
  void tell(Finding finding, NameView owner, Type type, NameView target = {}) {
    std::vector<ZoneFinding>& found = is_error(finding) ? errors_ : warnings_;
    if (found.size() < limit_) found.push_back({finding, owner, type, target});
  }

  void check_apex();
  void check_node(const NodeView& node);
  void check_aliases(const NodeView& node, const Name& owner);
  void check_cut(const NodeView& node);
  void begin_cut(const NodeView& node);
  void end_cover();
  void check_hidden(const NodeView& node);
  bool is_glue(Bytes relative_owner);
  void check_sizes(const NodeView& node);
  void check_targets(const NodeView& node, Type type);
  void check_target(const NodeView& source, Type type, NameView target);
  void check_lone_addresses();
  bool in_zone(NameView name) const { return name.is_within(zone_.apex()); }
  Bytes relative(NameView name) const { return name.bytes().first(name.size() - zone_.apex().size()); }
  const void*& sound_place(const void* body) { return sound_[std::hash<const void*>()(body) / 4 % sound_.size()]; }

  const Zone& zone_;
  std::size_t limit_;
  bool may_be_large_;
  std::vector<ZoneFinding> errors_, warnings_;

  // The topmost cut or DNAME that the walk is below; names below follow it at once, in canonical order.
  std::optional<NodeView> covering_;
  std::size_t covering_servers_ = kNoSet;   // which of its sets is NS
  bool covering_serves_ = false;            // it has MX or SRV, too
  bool told_below_dname_ = false;
  // Of a cut: its servers at or below it, whose addresses the walk comes by, and whether it has others to look up.
  struct Glue {
    Bytes relative;
    bool found;
  };
  std::vector<Glue> glue_;
  bool has_other_servers_ = false;
  std::vector<NodeView> lone_addresses_;  // below a cut, and not of a server that this cut names
  // Bodies of NS sets with nothing to be told of, whoever owns them: many delegations share one. The place is its hash.
  std::vector<const void*> sound_;
};

void Checker::check_apex() {
  const auto apex = zone_.apex_node();
  if (!apex || !apex->has(Type::SOA)) {
    tell(Finding::kNoSoa, zone_.apex(), Type::SOA);
  } else if (zone_.serial() == Serial{0}) {
    tell(Finding::kSerialZero, zone_.apex(), Type::SOA);
  }
  if (!apex || !apex->has(Type::NS)) tell(Finding::kNoApexNs, zone_.apex(), Type::NS);
}

void Checker::check_node(const NodeView& node) {
  bool alias = false, ds = false, serves = false, odd_at_cut = false;
  std::size_t servers = kNoSet;
  const std::size_t sets = node.set_count();
  for (std::size_t index = 0; index < sets; ++index) {
    const Type type = node.type(index);
    if (type == Type::NS) servers = index;
    alias |= type == Type::CNAME || type == Type::DNAME;
    ds |= type == Type::DS;
    serves |= type == Type::MX || type == Type::SRV;
    odd_at_cut |= !may_stand_at_cut(type);
  }
  if (alias) check_aliases(node, node.owner());
  if (covering_) {
    if (is_below(node.relative_owner(), covering_->relative_owner())) return check_hidden(node);
    end_cover();
  }
  if (may_be_large_) check_sizes(node);
  if (node.is_cut() && odd_at_cut) check_cut(node);
  if (node.is_cut() || node.has_dname()) {
    if (is_wildcard(node.relative_owner())) tell(Finding::kCutAtWildcard, node.owner(), node.is_cut() ? Type::NS : Type::DNAME);
    covering_ = node;
    covering_servers_ = servers;
    covering_serves_ = serves;
    told_below_dname_ = false;
  }
  if (!node.is_cut() && ds) tell(Finding::kDsWithoutCut, node.owner(), Type::DS);
  if (node.is_cut()) return begin_cut(node);
  if (servers == kNoSet && !serves) return;
  for (const Type type : {Type::NS, Type::MX, Type::SRV}) check_targets(node, type);
}

void Checker::check_aliases(const NodeView& node, const Name& owner) {
  const auto cname = node.find(Type::CNAME), dname = node.find(Type::DNAME);
  if (dname && dname->count > 1) tell(Finding::kSeveralDnames, owner, Type::DNAME);
  if (!cname) return;
  if (cname->count > 1) tell(Finding::kSeveralCnames, owner, Type::CNAME);
  if (dname) tell(Finding::kDnameWithCname, owner, Type::CNAME);
  for (std::size_t index = 0; index < node.set_count(); ++index) {
    const Type other = node.type(index);
    if (may_stand_beside_cname(other) || other == Type::DNAME) continue;
    return tell(Finding::kCnameWithOtherData, owner, Type::CNAME);
  }
}

void Checker::check_cut(const NodeView& node) {
  for (std::size_t index = 0; index < node.set_count(); ++index) {
    const Type type = node.type(index);
    if (!may_stand_at_cut(type)) tell(Finding::kCutWithOtherData, node.owner(), type);
  }
}

// What to look out for while the walk is below the cut.
void Checker::begin_cut(const NodeView& node) {
  const void* const body = node.body(covering_servers_);
  if (sound_place(body) == body) return;
  const Bytes owner = node.relative_owner();
  for (const Bytes rdata : node.set(covering_servers_)) {
    const NameView target = NameView::trusted(rdata.data(), rdata.size());
    if (!in_zone(target)) continue;
    const bool at_owner = equal_fold(relative(target), owner);
    if (at_owner || is_below(relative(target), owner)) glue_.push_back({relative(target), at_owner && has_address(node)});
    else has_other_servers_ = true;
  }
  if (glue_.empty() && !has_other_servers_) sound_place(body) = body;
}

// All names below the cut have been seen.
void Checker::end_cover() {
  if (!covering_) return;
  const NodeView node = *std::exchange(covering_, std::nullopt);
  if (!node.is_cut()) return;
  if (has_other_servers_ || !std::ranges::all_of(glue_, &Glue::found)) {
    const std::size_t before = warnings_.size();
    check_targets(node, Type::NS);
    const void* const body = node.body(covering_servers_);
    if (glue_.empty() && warnings_.size() == before) sound_place(body) = body;
  }
  glue_.clear();
  has_other_servers_ = false;
  if (!covering_serves_) return;
  for (const Type type : {Type::MX, Type::SRV}) check_targets(node, type);
}

// Data below a cut or a DNAME: never answered, but for the addresses of servers that delegations name.
void Checker::check_hidden(const NodeView& node) {
  if (covering_->has_dname() && !covering_->is_cut()) {
    if (node.has(Type::NSEC3)) return;  // a signed zone with a DNAME at its apex has them there
    if (!told_below_dname_) tell(Finding::kDnameWithNamesBelow, covering_->owner(), Type::DNAME, node.owner());
    told_below_dname_ = true;
  }
  bool address = false;
  for (std::size_t index = 0; index < node.set_count(); ++index) {
    const Type type = node.type(index);
    if (covering_->is_cut() && is_address(type)) {
      address = true;
    } else {
      tell(Finding::kOccluded, node.owner(), type, covering_->owner());
    }
  }
  if (address && !is_glue(node.relative_owner())) lone_addresses_.push_back(node);
}

// True where the covering cut names this server, which has an address then.
bool Checker::is_glue(Bytes relative_owner) {
  bool named = false;
  for (Glue& glue : glue_)
    if (equal_fold(glue.relative, relative_owner)) named = glue.found = true;
  return named;
}

void Checker::check_sizes(const NodeView& node) {
  const std::size_t owner_size = node.relative_owner().size() + zone_.apex().size();
  for (std::size_t index = 0; index < node.set_count(); ++index) {
    const RrsetView set = node.set(index);
    if (set.type == Type::RRSIG) continue;  // goes with the set that it covers
    const std::size_t size = answer_size(owner_size, set.count, set_octets(set.count, set.packed_size()));
    if (size > kUdpAnswer) tell(size > kLargestMessage ? Finding::kSetTooLarge : Finding::kSetTooLargeForUdp, node.owner(), set.type);
  }
}

void Checker::check_targets(const NodeView& node, Type type) {
  const auto set = node.find(type);
  if (!set || warnings_.size() >= limit_) return;
  for (const Bytes rdata : *set) {
    const auto target = additional_target(type, rdata);
    if (target && target->is_within(zone_.apex())) check_target(node, type, *target);
  }
}

void Checker::check_target(const NodeView& source, Type type, NameView target) {
  const Name owner = source.owner();
  const Lookup lookup = zone_.find(Key(target));
  if (type == Type::NS && source.is_cut() && target.is_within(owner)) {  // nobody else can say where it is (RFC 9471)
    if (!lookup.node || !has_address(*lookup.node)) tell(Finding::kMissingGlue, owner, type, target);
    return;
  }
  if (lookup.covering) return;  // another zone's, or redirected: who answers there knows
  const std::optional<NodeView> node = lookup.node ? lookup.node : lookup.wildcard;
  if (node && node->has(Type::CNAME)) return tell(Finding::kTargetIsCname, owner, type, target);
  if (!node || !has_address(*node)) tell(Finding::kTargetWithoutAddress, owner, type, target);
}

// Addresses below one cut may be glue of another. One more pass finds them, where there are any to be found.
void Checker::check_lone_addresses() {
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
  return apex && apex->has(Type::NSEC3PARAM) && !apex->has(Type::NSEC);
}

std::vector<ZoneFinding> check(const Zone& zone, std::size_t limit, std::size_t largest_set) {
  return Checker(zone, limit, largest_set).run();
}

}  // namespace dns
