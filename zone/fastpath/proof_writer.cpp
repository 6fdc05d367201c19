#include "zone/fastpath/proof_writer.h"

#include <algorithm>

#include "zone/answer/nsec_proofs.h"
#include "zone/snapshot/nsec3_chain.h"

namespace dns {
namespace {

// The last label of a relative owner, with its length in front.
const std::uint8_t* last_label(Bytes relative) {
  const std::uint8_t* label = relative.data();
  for (const std::uint8_t* const end = label + relative.size(); label + 1 + *label != end;) label += 1 + *label;
  return label;
}

}  // namespace

bool ProofWriter::put(MessageBuilder::Owner owner, const RrsetView& set) {
  records_ = static_cast<std::uint16_t>(records_ + set.count);
  return builder_.put(owner, set);
}

bool ProofWriter::signatures(MessageBuilder::Owner owner, const NodeView& node, Type covered) {
  const auto found = node.signatures_of(covered);
  return !found || put(owner, *found);
}

// A DS without its signature needs no proof, and referrals of an unsigned zone carry none (RFC 4035 3.1.4).
bool ProofWriter::referral(const NodeView& cut, std::size_t at, bool servers_in_zone) {
  servers_in_zone_ = servers_in_zone;
  const MessageBuilder::Owner owner = owner_at(at);
  if (const auto ds = cut.find(Type::DS)) {
    const auto signatures = cut.signatures_of(Type::DS);
    return !signatures || (put(owner, *ds) && put(owner, *signatures));
  }
  if (zone_.has_nsec3()) return nsec3_nodata(NameView::trusted(name_.data() + at, name_.size() - at));
  const auto nsec = cut.find(Type::NSEC);
  return !nsec || (put(owner, *nsec) && signatures(owner, cut, Type::NSEC));
}

bool ProofWriter::negative(const NodeView* node, Rcode rcode) {
  behind_soa_ = true;
  const auto apex = zone_.apex_node();
  if (!apex) return false;
  if (auto found = apex->signatures_of(Type::SOA)) {
    found->ttl = zone_.negative_ttl();
    if (!put(owner_at(apex_at()), *found)) return false;
  }
  const NameView encloser = name_.drop(asked_.key.labels - asked_.lookup.found.encloser_labels);
  if (zone_.has_nsec3()) return rcode == Rcode::NXDOMAIN ? nsec3_nxdomain(encloser) : nsec3_nodata(name_);
  if (!apex->has(Type::NSEC)) return true;  // the zone proves nothing
  if (rcode == Rcode::NXDOMAIN) return nsec_nxdomain(encloser);
  if (node == nullptr) return covering(asked_.key);
  const auto nsec = node->find(Type::NSEC);
  return !nsec || (put(owner_at(0), *nsec) && signatures(owner_at(0), *node, Type::NSEC));
}

// RFC 5155 7.2.3 and 7.2.4: the record that matches the name. A delegation without DS may have none if the next closer
// name is opted out.
bool ProofWriter::nsec3_nodata(NameView name) {
  const Nsec3ChainView chain = *zone_.nsec3_chain();
  const Nsec3ChainView::Found found = chain.find(chain.hash(name));
  if (found.matches) return hashed(found.node);
  if (name.size() <= zone_.apex_size()) return true;
  NameView encloser = name.parent();
  if (encloser.size() != zone_.apex_size()) return nsec3_encloser(name, encloser);
  // The next closer name is the name itself.
  const Nsec3ChainView::Found apex = chain.find(chain.hash(encloser));
  return (!apex.matches || hashed(apex.node)) && hashed(found.node);
}

// The closest provable encloser, and the record that covers the next closer name (RFC 5155 7.2.1).
bool ProofWriter::nsec3_encloser(NameView name, NameView& encloser) {
  const Nsec3ChainView chain = *zone_.nsec3_chain();
  for (;; encloser = encloser.parent()) {
    const Nsec3ChainView::Found found = chain.find(chain.hash(encloser));
    if (found.matches && !hashed(found.node)) return false;
    if (found.matches || encloser.size() <= zone_.apex_size()) break;
  }
  while (name.parent().size() != encloser.size()) name = name.parent();
  return hashed(chain.find(chain.hash(name)).node);
}

// RFC 5155 7.2.2.
bool ProofWriter::nsec3_nxdomain(NameView encloser) {
  if (!nsec3_encloser(name_, encloser)) return false;
  const auto wildcard = join(kWildcardLabel, encloser);
  if (!wildcard) return true;
  const Nsec3ChainView chain = *zone_.nsec3_chain();
  return hashed(chain.find(chain.hash(*wildcard)).node);
}

// RFC 4035 3.1.3.2.
bool ProofWriter::nsec_nxdomain(NameView encloser) {
  if (!covering(asked_.key)) return false;
  const auto wildcard = join(kWildcardLabel, encloser);
  return !wildcard || covering(Key(*wildcard));
}

// Whether the proof of this node is in the message; notes it otherwise.
bool ProofWriter::is_written(const NodeView& node) {
  for (std::size_t i = 0; i < written_count_; ++i)
    if (written_[i] == node.leaf()) return true;
  written_[written_count_++] = node.leaf();
  return false;
}

// An NSEC3 record. Its owner is a hash below the apex, which no other name of an answer is: the question is none
// (plan_fast), and a server or the SOA may name one only by its label.
bool ProofWriter::hashed(const NodeView& node) {
  if (is_written(node)) return true;
  const auto record = node.find(Type::NSEC3);
  if (!record) return true;
  const Bytes relative = node.relative_owner();
  if (servers_in_zone_ || (behind_soa_ && zone_.negative_soa().may_share_more(relative.data()))) return false;
  MessageBuilder::Owner owner{};
  records_ = static_cast<std::uint16_t>(records_ + record->count);
  return builder_.put_new(relative, owner_at(apex_at()), *record, owner) && signatures(owner, node, Type::NSEC3);
}

// The NSEC record that covers a name.
bool ProofWriter::covering(const Key& key) {
  const auto node = find_covering_nsec(zone_, key);
  if (!node || is_written(*node)) return true;
  const auto record = node->find(Type::NSEC);
  const Bytes relative = node->relative_owner();
  MessageBuilder::Owner owner = owner_at(apex_at());
  if (relative.empty()) return put(owner, *record) && signatures(owner, *node, Type::NSEC);
  const Bytes apex = zone_.apex().bytes();
  if (relative.size() + apex.size() > MessageBuilder::kMaxLength ||
      zone_.negative_soa().may_share_more(last_label(relative)))
    return false;
  std::uint8_t* const octets = spelled_[written_count_ - 1].octets.data() + MessageBuilder::kReadBefore;
  copy_octets(octets, relative.data(), relative.size());
  copy_octets(octets + relative.size(), apex.data(), apex.size());
  const NameView name = NameView::trusted(octets, relative.size() + apex.size());
  records_ = static_cast<std::uint16_t>(records_ + record->count);
  return builder_.put_new(name, *record, owner) && signatures(owner, *node, Type::NSEC);
}

}  // namespace dns
