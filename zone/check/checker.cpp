#include "zone/check/checker.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "zone/base/ascii.h"
#include "zone/rr/rdata.h"
#include "zone/snapshot/storage.h"

namespace dns {
namespace {

constexpr std::size_t kUdpAnswer = 1232;  // the usual EDNS buffer size, which avoids fragmentation
constexpr std::size_t kLargestMessage = 65535;
constexpr std::size_t kHeaderAndOpt = 12 + 11;
constexpr std::size_t kQuestionFixed = 4;  // type and class
constexpr std::size_t kOwnerPointer = 2;
constexpr std::size_t kWaiting = 32;  // names in the queue: as many cache misses run at the same time
constexpr std::size_t kNoSet = ~std::size_t{0};
constexpr std::size_t kFewNames = 64, kManyNames = 65536;  // least and most entries of the cache

bool is_address(Type type) { return type == Type::A || type == Type::AAAA; }
bool has_address(const NodeView& node) { return node.has(Type::A) || node.has(Type::AAAA); }

// DNSSEC records may exist beside a CNAME (RFC 4035 2.5, RFC 2181 10.1).
bool may_stand_beside_cname(Type type) {
  return type == Type::CNAME || type == Type::RRSIG || type == Type::NSEC || type == Type::KEY;
}

bool may_stand_at_cut(Type type) {
  return type == Type::NS || type == Type::DS || type == Type::RRSIG || type == Type::NSEC || is_address(type);
}

// True if a relative owner lies below another. Skips whole labels only.
bool is_below(Bytes owner, Bytes above) {
  std::size_t skip = 0;
  while (owner.size() > above.size() + skip) skip += 1U + owner[skip];
  return skip != 0 && equal_fold(owner.subspan(skip), above);
}

bool is_wildcard(Bytes relative_owner) {
  return relative_owner.size() >= 2 && relative_owner[0] == 1 && relative_owner[1] == '*';
}

// An upper bound for the octets of an answer with this RRset alone.
std::size_t answer_size(std::size_t owner_size, std::size_t count, std::size_t octets) {
  return kHeaderAndOpt + owner_size + kQuestionFixed + octets + count * kOwnerPointer;
}

}  // namespace

CheckedNsSets::CheckedNsSets(std::size_t names)
    : places_(std::bit_ceil(std::clamp<std::size_t>(names / 8, kFewNames, kManyNames))) {}

CheckedNsSets::Verdict CheckedNsSets::of(std::uint32_t body) const {
  const Place place = places_[place_of(body)].load(std::memory_order_relaxed);
  return place >> 2 == body ? static_cast<Verdict>(place & 3) : Verdict::kUnknown;
}

void CheckedNsSets::note(std::uint32_t body, Verdict verdict) {
  places_[place_of(body)].store(noted(body, verdict), std::memory_order_relaxed);
}

bool Checker::may_be_large(std::size_t largest_set) {
  // A record takes at least eight octets, which limits the number of records.
  return largest_set > kUdpAnswer || answer_size(kMaxName, largest_set / 8, largest_set) > kUdpAnswer;
}

// Names pass through a queue in which first their record and then their bodies are prefetched, because neighbours in
// canonical order are not neighbours in memory.
Checker::Found Checker::run(Node subtree) {
  const ZoneStorage& storage = *zone_.storage();
  std::array<Node, kWaiting> line;  // a ring
  std::size_t come = 0, gone = 0;
  const auto check_first = [&] {
    check_node(NodeView(storage, line[gone++ % kWaiting]));
    return found_.errors.size() < limit_;
  };
  const bool all = visit_leaves(storage.tree(), subtree, [&](Node leaf) {
    line[come++ % kWaiting] = leaf;
    __builtin_prefetch(storage.tree().words_at(leaf.ref()));
    if (come - gone > kWaiting / 2) storage.prefetch_bodies(line[(come - kWaiting / 2) % kWaiting]);
    return come - gone < kWaiting || check_first();
  });
  while (all && gone < come && check_first()) {
  }
  leave_cut_or_dname();
  return std::exchange(found_, {});
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
  if (cut_or_dname_) {
    if (is_below(node.relative_owner(), cut_or_dname_->relative_owner())) return check_occluded(node);
    leave_cut_or_dname();
  }
  if (may_be_large_) check_sizes(node);
  if (node.is_cut() && odd_at_cut) check_cut(node);
  if (node.is_cut() || node.has_dname()) {
    if (is_wildcard(node.relative_owner()))
      report(Finding::kCutAtWildcard, node.owner(), node.is_cut() ? Type::NS : Type::DNAME);
    cut_or_dname_ = node;
    cut_ns_index_ = servers;
    cut_has_mx_or_srv_ = serves;
    reported_below_dname_ = false;
  }
  if (!node.is_cut() && ds) report(Finding::kDsWithoutCut, node.owner(), Type::DS);
  if (node.is_cut()) return enter_cut(node);
  if (servers == kNoSet && !serves) return;
  for (const Type type : {Type::NS, Type::MX, Type::SRV}) check_targets(node, type);
}

void Checker::check_aliases(const NodeView& node, const Name& owner) {
  const auto cname = node.find(Type::CNAME), dname = node.find(Type::DNAME);
  if (dname && dname->count > 1) report(Finding::kSeveralDnames, owner, Type::DNAME);
  if (!cname) return;
  if (cname->count > 1) report(Finding::kSeveralCnames, owner, Type::CNAME);
  if (dname) report(Finding::kDnameWithCname, owner, Type::CNAME);
  for (std::size_t index = 0; index < node.set_count(); ++index) {
    const Type other = node.type(index);
    if (may_stand_beside_cname(other) || other == Type::DNAME) continue;
    return report(Finding::kCnameWithOtherData, owner, Type::CNAME);
  }
}

void Checker::check_cut(const NodeView& node) {
  for (std::size_t index = 0; index < node.set_count(); ++index) {
    const Type type = node.type(index);
    if (!may_stand_at_cut(type)) report(Finding::kCutWithOtherData, node.owner(), type);
  }
}

// Notes the name servers to look for while the walk is below the cut.
void Checker::enter_cut(const NodeView& node) {
  const std::uint32_t body = node.body(cut_ns_index_);
  const CheckedNsSets::Verdict verdict = checked_ns_.of(body);
  if (verdict == CheckedNsSets::Verdict::kAlways) return;
  const Bytes owner = node.relative_owner();
  bool has_others = false;
  for (const Bytes rdata : node.set(cut_ns_index_)) {
    const NameView target = NameView::trusted(rdata.data(), rdata.size());
    if (!in_zone(target)) continue;
    const bool at_owner = equal_fold(relative(target), owner);
    if (at_owner || is_below(relative(target), owner))
      glue_.push_back({relative(target), at_owner && has_address(node)});
    else has_others = true;
  }
  if (glue_.empty() && !has_others) checked_ns_.note(body, CheckedNsSets::Verdict::kAlways);
  has_other_servers_ = has_others && verdict == CheckedNsSets::Verdict::kUnknown;
}

// Called when all names below the cut or DNAME have been visited.
void Checker::leave_cut_or_dname() {
  if (!cut_or_dname_) return;
  const NodeView node = *std::exchange(cut_or_dname_, std::nullopt);
  if (!node.is_cut()) return;
  if (has_other_servers_ || !std::ranges::all_of(glue_, &Glue::found)) {
    const std::size_t before = found_.warnings.size();
    check_targets(node, Type::NS);
    if (glue_.empty() && found_.warnings.size() == before)
      checked_ns_.note(node.body(cut_ns_index_), CheckedNsSets::Verdict::kExceptOwn);
  }
  glue_.clear();
  has_other_servers_ = false;
  if (!cut_has_mx_or_srv_) return;
  for (const Type type : {Type::MX, Type::SRV}) check_targets(node, type);
}

// Data below a cut or a DNAME is never answered, except glue.
void Checker::check_occluded(const NodeView& node) {
  if (cut_or_dname_->has_dname() && !cut_or_dname_->is_cut()) {
    if (node.has(Type::NSEC3)) return;  // NSEC3 records of a signed zone with a DNAME at its apex
    if (!reported_below_dname_)
      report(Finding::kDnameWithNamesBelow, cut_or_dname_->owner(), Type::DNAME, node.owner());
    reported_below_dname_ = true;
  }
  bool address = false;
  for (std::size_t index = 0; index < node.set_count(); ++index) {
    const Type type = node.type(index);
    if (cut_or_dname_->is_cut() && is_address(type)) {
      address = true;
    } else {
      report(Finding::kOccluded, node.owner(), type, cut_or_dname_->owner());
    }
  }
  if (address && !is_glue(node.relative_owner())) found_.unreferenced_addresses.push_back(node);
}

// True if the cut above names this server. Notes that the server has an address.
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
    const std::size_t size = answer_size(owner_size, set.count, rrset_size(set.count, set.packed_size()));
    if (set.type == Type::RRSIG && size <= kLargestMessage) continue;  // it is sent with the RRset that it covers
    if (size > kUdpAnswer)
      report(size > kLargestMessage ? Finding::kRrsetTooLarge : Finding::kRrsetTooLargeForUdp, node.owner(), set.type);
  }
}

void Checker::check_targets(const NodeView& node, Type type) {
  const auto set = node.find(type);
  if (!set || found_.warnings.size() >= limit_) return;
  for (const Bytes rdata : *set) {
    const auto target = additional_target(type, rdata);
    if (target && target->is_within(zone_.apex())) check_target(node, type, *target);
  }
}

void Checker::check_target(const NodeView& source, Type type, NameView target) {
  const Name owner = source.owner();
  const Lookup lookup = zone_.find(Key(target));
  if (type == Type::NS && source.is_cut() &&
      target.is_within(owner)) {  // only this zone can have its address (RFC 9471)
    if (!lookup.node || !has_address(*lookup.node)) report(Finding::kMissingGlue, owner, type, target);
    return;
  }
  if (lookup.cut_or_dname) return;  // belongs to another zone, or is redirected
  const std::optional<NodeView> node = lookup.node ? lookup.node : lookup.wildcard;
  if (node && node->has(Type::CNAME)) return report(Finding::kTargetIsCname, owner, type, target);
  if (!node || !has_address(*node)) report(Finding::kTargetWithoutAddress, owner, type, target);
}

}  // namespace dns
