// Adds what a query with DO gets in addition: signatures, and the proof that something does not exist.
//
// It writes the same octets as the general path (answer/nsec_proofs.h) for names that exist and for NXDOMAIN. Answers
// from a wildcard take the general path. False from any function: the general path must answer. A name that could share
// more than the apex with a name that is in the message already is such a case.
//
// No allocation; lives on the stack for one answer.
#pragma once

#include "zone/fastpath/fastpath.h"
#include "zone/fastpath/message_builder.h"

namespace dns {

class ProofWriter {
 public:
  // `name` is the name of the question in the message.
  ProofWriter(const FastQuery& asked, NameView name, MessageBuilder& builder)
      : asked_(asked), zone_(*asked.lookup.zone), name_(name), builder_(builder) {}

  // The records that were written.
  std::uint16_t records() const { return records_; }

  // The signatures of `node` for the RRset of a type, if there are any.
  [[nodiscard]] bool signatures(MessageBuilder::Owner owner, const NodeView& node, Type covered);
  // Behind the name servers of a referral, whose cut begins at octet `at` of the question: DS, or the proof that there
  // is none. `servers_in_zone`: the names of servers lie in the zone, and those of NSEC3 records may share more.
  [[nodiscard]] bool referral(const NodeView& cut, std::size_t at, bool servers_in_zone);
  // Behind the SOA: its signatures, and the proof of NODATA or NXDOMAIN. `node`: of the name of the question; null if
  // it has none.
  [[nodiscard]] bool negative(const NodeView* node, Rcode rcode);

 private:
  // An owner, with readable octets in front of it.
  struct Spelled {
    std::array<std::uint8_t, MessageBuilder::kReadBefore + MessageBuilder::kMaxLength> octets;
  };
  static constexpr std::size_t kMostProofs = 3;  // of one answer (RFC 5155 7.2.1)

  MessageBuilder::Owner owner_at(std::size_t at) const { return MessageBuilder::in_question(at); }
  std::size_t apex_at() const { return name_.size() - zone_.apex_size(); }
  bool put(MessageBuilder::Owner owner, const RrsetView& set);
  bool nsec3_nodata(NameView name);
  bool nsec3_encloser(NameView name, NameView& encloser);
  bool nsec3_nxdomain(NameView encloser);
  bool nsec_nxdomain(NameView encloser);
  bool is_written(const NodeView& node);
  bool hashed(const NodeView& node);
  bool covering(const Key& key);

  const FastQuery& asked_;
  const Zone& zone_;
  NameView name_;
  MessageBuilder& builder_;
  std::uint16_t records_ = 0;
  bool behind_soa_ = false, servers_in_zone_ = false;
  std::array<Node, kMostProofs> written_;
  std::size_t written_count_ = 0;
  std::array<Spelled, kMostProofs> spelled_;
};

}  // namespace dns
