#include "zone/fastpath/fastpath.h"

#include <algorithm>

#include "zone/answer/additional.h"
#include "zone/answer/client_rrset.h"
#include "zone/base/ascii.h"
#include "zone/fastpath/message_builder.h"
#include "zone/fastpath/proof_writer.h"
#include "zone/rr/rdata.h"
#include "zone/snapshot/nsec3_chain.h"

namespace dns {
namespace {

constexpr std::size_t kMaxOptSize = kOptSize + kMaxResponseOptions;

// Types that need more than one RRset, or that may exist beside a CNAME.
bool is_special(Type type) {
  return type == Type::ANY || type == Type::RRSIG || type == Type::DS || type == Type::NSEC || type == Type::CNAME ||
         is_meta(type);
}

// Types whose additional section the fast path does not know.
bool needs_other_additional(Type type) {
  return type == Type::SRV || type == Type::SVCB || type == Type::HTTPS || type == Type::AFSDB || type == Type::RT ||
         type == Type::KX;
}

// The most common types without names in their RDATA.
bool is_nameless(Type type) { return type == Type::A || type == Type::AAAA || type == Type::TXT; }

// Whether the label below the apex has the length of an NSEC3 hash. The owner of an NSEC3 record is not a name of the
// zone (RFC 5155 7.2.8).
bool may_be_nsec3_owner(const FastQuery& asked) {
  if (asked.query.question.name.size() <= kNsec3LabelSize) return false;
  const std::size_t above = asked.key.labels - asked.lookup.zone->apex_labels();
  return above > 0 && asked.query.question.name.data()[asked.key.label_at[above - 1]] == kNsec3LabelSize;
}

// Whether a negative answer needs signatures, and a proof if the zone has one.
bool needs_proof(const FastQuery& asked) {
  return asked.query.edns.dnssec_ok && (asked.lookup.zone->is_signed() || asked.lookup.zone->has_nsec3());
}

FastPlan plan_negative(const FastQuery& asked, const NodeView* node, Rcode rcode) {
  const Zone& zone = *asked.lookup.zone;
  __builtin_prefetch(&zone.negative_soa());
  __builtin_prefetch(&zone.negative_soa() + 1);
  return {.kind = FastPlan::Kind::kNegative, .rcode = rcode, .node = node};
}

FastPlan plan_set(FastPlan::Kind kind, const NodeView& node, const std::uint32_t* body) {
  __builtin_prefetch(body);
  __builtin_prefetch(body + 16);  // RRsets with names are larger than one cache line
  return {.kind = kind, .node = &node, .body = body};
}

FastPlan plan_at_node(const FastQuery& asked, const NodeView& node) {
  const Type type = asked.query.question.type;
  if (const std::uint32_t* const body = node.find_body(type)) {
    if (node.has_client_choices()) node.prefetch_client_choice(type);
    if (asked.query.edns.dnssec_ok && node.is_signed()) [[unlikely]]
      node.prefetch_signatures(type);
    return plan_set(FastPlan::Kind::kSet, node, body);
  }
  if (node.find_body(Type::CNAME) != nullptr) return {};
  return plan_negative(asked, &node, Rcode::NOERROR);
}

FastPlan plan_referral(const FastQuery& asked, const NodeView& cut) {
  if (asked.query.edns.dnssec_ok) {
    if (asked.lookup.zone->has_nsec3() && (asked.lookup.zone->apex_size() == 1 || may_be_nsec3_owner(asked))) return {};
    if (cut.is_signed())
      if (const std::uint32_t* const ds = cut.find_body(Type::DS)) {
        __builtin_prefetch(ds);
        cut.prefetch_signatures(Type::DS);
      }
  }
  return plan_set(FastPlan::Kind::kReferral, cut, cut.find_body(Type::NS));
}

struct Written {
  std::size_t size = 0;  // 0: the general path must answer
  std::uint16_t answers = 0, authorities = 0, additionals = 0;
};

// The owner of the delegation within the name of the question.
struct Cut {
  std::size_t at = 0;                         // octets of the name before the owner of the cut
  const std::uint8_t* label_above = nullptr;  // the label in front of it; null: none
};
Cut cut_of(const FastQuery& asked, NameView name) {
  const Key& key = asked.key;
  const std::size_t above = key.labels - asked.lookup.found.cut_or_dname_labels;  // labels in front of the cut
  return {.at = above == key.labels ? name.size() - 1 : key.label_at[above],
          .label_above = above == 0 ? nullptr : name.data() + key.label_at[above - 1]};
}

// Writes the records of one answer. `kDnssec`: the query has DO. The code for other queries has no trace of it.
template <bool kDnssec>
class FastWriter {
 public:
  FastWriter(const FastQuery& asked, const ClientInfo& client, MutableBytes out, std::size_t limit)
      : asked_(asked),
        client_(client),
        zone_(*asked.lookup.zone),
        name_(NameView::trusted(out.data() + kHeaderSize, asked.query.question.name.size())),
        builder_(out.data(), limit, name_) {}

  Written written() const { return {builder_.size(), answers_, authorities_, additionals_}; }

  bool set(const NodeView& plan_node, const RrsetView& set) {
    if (!builder_.put(MessageBuilder::in_question(0), set)) return false;
    answers_ = set.count;
    if (!add_signatures(plan_node, MessageBuilder::in_question(0), set, answers_)) return false;
    if (set.type != Type::NS && set.type != Type::MX) return true;
    const AddressSource source = set.type == Type::NS ? AddressSource::kAlsoGlue : AddressSource::kAuthoritative;
    return for_each_target(set, [&](NameView host, const MessageBuilder::Target& target) {
      if (!is_in_zone(target.in_question)) return true;
      const auto node = find_host_node(zone_, host, source);
      return !node || (set.type == Type::MX && is_done(host, *node)) || add_addresses(*node, target.owner);
    });
  }

  // A referral of which `size` octets of the message hold the servers already; none of them lies in the zone.
  bool referral_behind(const FastPlan& plan, const RrsetView& servers, const Cut& cut, std::size_t size) {
    builder_.resume(size);
    authorities_ = servers.count;
    return add_proof(*plan.node, cut, false);
  }

  bool referral(const FastPlan& plan, const RrsetView& servers, const Cut& cut) {
    builder_.expect_below(cut.at, cut.label_above);
    if (!builder_.put(MessageBuilder::in_question(cut.at), servers)) return false;
    authorities_ = servers.count;
    const bool in_zone = is_in_zone(builder_.most_in_question());
    if (kDnssec && !add_proof(*plan.node, cut, in_zone)) return false;
    if (!in_zone) return true;
    const std::size_t cut_size = name_.size() - cut.at;
    bool others = false;
    const bool below = for_each_target(servers, [&](NameView host, const MessageBuilder::Target& target) {
      if (target.in_question < cut_size) {
        others = others || is_in_zone(target.in_question);
        return true;
      }
      const auto node =
          zone_.find_below(*plan.node, asked_.lookup.found.below, host.bytes().first(host.size() - cut_size));
      return !node || add_addresses(*node, target.owner);
    });
    if (!below || !others) return below;
    return for_each_target(servers, [&](NameView host, const MessageBuilder::Target& target) {
      if (target.in_question >= cut_size || !is_in_zone(target.in_question)) return true;
      const auto node = find_host_node(zone_, host, AddressSource::kAlsoGlue);
      return !node || add_addresses(*node, target.owner);
    });
  }

 private:
  // The name of the question lies in the zone and ends with the apex. A name that shares at least the octets of the
  // apex with it lies in the zone too.
  bool is_in_zone(std::size_t in_question) const {
    const std::size_t apex_size = zone_.apex_size();
    return in_question >= apex_size || apex_size == 1;
  }

  // Calls `visit(name, target)` for each name in the RRset that was written last, until it returns false; returns false
  // in that case.
  template <class Visit>
  bool for_each_target(const RrsetView& set, Visit&& visit) {
    const std::size_t at = set.type == Type::MX ? 2 : 0;
    std::size_t index = 0;
    for (const Bytes rdata : set) {
      const NameView host = NameView::trusted(rdata.data() + at, rdata.size() - at);
      const MessageBuilder::Target& target = builder_.target(index++);
      if (!host.is_root() && !visit(host, target)) return false;
    }
    return true;
  }

  bool add_signatures(const NodeView& node, MessageBuilder::Owner owner, const RrsetView& set, std::uint16_t& records) {
    if (!kDnssec || !node.is_signed()) return true;
    const auto signatures = signatures_for_client(node, set);
    if (!signatures) return true;
    records = static_cast<std::uint16_t>(records + signatures->count);
    return builder_.put(owner, *signatures);
  }

  bool add_proof(const NodeView& cut, const Cut& at, bool servers_in_zone) {
    ProofWriter proof(asked_, name_, builder_);
    if (!proof.referral(cut, at.at, servers_in_zone)) return false;
    authorities_ = static_cast<std::uint16_t>(authorities_ + proof.records());
    return true;
  }

  // Two MX records can name one host, also in different case; two NS records cannot. Hosts with different nodes need no
  // comparison of names; a wildcard is the node of several hosts.
  bool is_done(NameView host, const NodeView& node) {
    for (std::size_t i = 0; i < hosts_done_count_; ++i)
      if (hosts_done_[i].leaf == node.leaf() && hosts_done_[i].name == host) return true;
    hosts_done_[hosts_done_count_++] = {node.leaf(), host};
    return false;
  }

  bool add_addresses(const NodeView& node, MessageBuilder::Owner owner) {
    for (const Type type : {Type::A, Type::AAAA}) {
      const auto set = rrset_for_client(node, type, &client_);
      if (!set) continue;
      if (!builder_.put(owner, *set)) return false;
      additionals_ = static_cast<std::uint16_t>(additionals_ + set->count);
      if (!add_signatures(node, owner, *set, additionals_)) return false;
    }
    return true;
  }

  const FastQuery& asked_;
  const ClientInfo& client_;
  const Zone& zone_;
  NameView name_;
  MessageBuilder builder_;
  struct Host {
    Node leaf;
    NameView name;
  };
  std::array<Host, MessageBuilder::kMaxPlaces> hosts_done_;  // hosts whose addresses are in the message
  std::size_t hosts_done_count_ = 0;
  std::uint16_t answers_ = 0, authorities_ = 0, additionals_ = 0;
};

// A negative answer: the prerendered SOA of the zone. `node`: of the name of the question, or null.
template <bool kDnssec>
Written write_negative(const FastQuery& asked, const NodeView* node, Rcode rcode, std::uint8_t* message,
                       std::size_t limit) {
  const Prerendered& soa = asked.lookup.zone->negative_soa();
  const std::size_t name_size = asked.query.question.name.size(), at = kHeaderSize + name_size + 4;
  if (soa.empty() || at + soa.size() > limit) return {};
  const std::size_t above = asked.key.labels - asked.lookup.zone->apex_labels();
  if (above > 0 && soa.may_share_more(message + kHeaderSize + asked.key.label_at[above - 1])) return {};
  soa.write(message + at, name_size);
  if (!kDnssec || !needs_proof(asked)) return {.size = at + soa.size(), .authorities = 1};
  if (asked.lookup.zone->apex_size() == 1) return {};  // owners in the root zone have no pointer at their end
  const NameView name = NameView::trusted(message + kHeaderSize, name_size);
  MessageBuilder builder(message, limit, name);
  builder.resume(at + soa.size());
  ProofWriter proof(asked, name, builder);
  if (!proof.negative(node, rcode)) return {};
  return {.size = builder.size(), .authorities = static_cast<std::uint16_t>(1 + proof.records())};
}

// An RRset without names: no additional section.
template <bool kDnssec>
Written write_alone(const FastQuery& asked, const NodeView& node, const RrsetView& set, std::uint8_t* message,
                    std::size_t limit) {
  const std::size_t at = kHeaderSize + asked.query.question.name.size() + 4;
  const auto write = [&](std::size_t behind, const RrsetView& one) {
    return write_set_without_names({message, behind, limit}, {MessageBuilder::in_question(0).pointer, one}, one);
  };
  const std::size_t size = write(at, set);
  if (!kDnssec || size == 0 || !node.is_signed()) return {.size = size, .answers = set.count};
  const auto signatures = signatures_for_client(node, set);
  if (!signatures) return {.size = size, .answers = set.count};
  return {.size = write(size, *signatures), .answers = static_cast<std::uint16_t>(set.count + signatures->count)};
}

template <bool kDnssec>
Written write_referral(const FastQuery& asked, const FastPlan& plan, const ClientInfo& client, MutableBytes out,
                       std::size_t limit) {
  const NameView name = NameView::trusted(out.data() + kHeaderSize, asked.query.question.name.size());
  const Cut cut = cut_of(asked, name);
  if (cut.at == name.size() - 1) return {};
  const RrsetView servers = NodeView::view_of(plan.body, Type::NS);
  if (asked.lookup.zone->apex_size() > 1) {  // in the root zone, all servers lie in the zone
    const std::size_t size =
        write_unrelated_servers({out.data(), kHeaderSize + name.size() + 4, limit},
                                {MessageBuilder::in_question(cut.at).pointer, servers}, servers, name);
    if (size != 0) {
      if (!kDnssec || !(plan.node->is_signed() || asked.lookup.zone->has_nsec3()))
        return {.size = size, .authorities = servers.count};
      FastWriter<kDnssec> writer(asked, client, out, limit);
      if (!writer.referral_behind(plan, servers, cut, size)) return {};
      return writer.written();
    }
  }
  FastWriter<kDnssec> writer(asked, client, out, limit);
  if (!writer.referral(plan, servers, cut)) return {};
  return writer.written();
}

template <bool kDnssec>
[[gnu::always_inline]] inline Written write_body(const FastQuery& asked, const FastPlan& plan, const ClientInfo& client,
                                                 MutableBytes out, std::size_t limit) {
  if (plan.kind == FastPlan::Kind::kReferral) return write_referral<kDnssec>(asked, plan, client, out, limit);
  if (plan.kind == FastPlan::Kind::kNegative)
    return write_negative<kDnssec>(asked, plan.node, plan.rcode, out.data(), limit);
  const Type type = asked.query.question.type;
  RrsetView set = NodeView::view_of(plan.body, type);
  if (plan.node->has_client_choices()) {
    const auto given = rrset_for_client(*plan.node, type, &client);
    if (!given) return write_negative<kDnssec>(asked, plan.node, plan.rcode, out.data(), limit);
    set = *given;
  }
  if (is_nameless(type)) return write_alone<kDnssec>(asked, *plan.node, set, out.data(), limit);
  FastWriter<kDnssec> writer(asked, client, out, limit);
  if (!writer.set(*plan.node, set)) return {};
  return writer.written();
}

// Apart from the code for other queries, which stays small.
[[gnu::noinline]] Written write_with_dnssec(const FastQuery& asked, const FastPlan& plan, const ClientInfo& client,
                                            MutableBytes out, std::size_t limit) {
  return write_body<true>(asked, plan, client, out, limit);
}

}  // namespace

FastPlan plan_fast(const FastQuery& asked) {
  const Question& question = asked.query.question;
  const Zone* const zone = asked.lookup.zone;
  if (zone == nullptr || zone->root().is_null() || question.klass != Class::IN || question.name.is_root() ||
      is_special(question.type) || needs_other_additional(question.type))
    return {};
  const Lookup& found = asked.lookup.found;
  if (const NodeView* const cut_or_dname = cut_or_dname_of(found, asked.key.labels))
    return cut_or_dname->is_cut() ? plan_referral(asked, *cut_or_dname) : FastPlan{};
  if (may_be_nsec3_owner(asked) && zone->has_nsec3()) return {};
  if (found.match == Match::kExact) return plan_at_node(asked, *found.node);
  if (found.match != Match::kNone) return plan_negative(asked, nullptr, Rcode::NOERROR);
  if (!found.wildcard_exists) return plan_negative(asked, nullptr, Rcode::NXDOMAIN);
  if (needs_proof(asked)) return {};
  return found.wildcard ? plan_at_node(asked, *found.wildcard) : plan_negative(asked, nullptr, Rcode::NOERROR);
}

std::size_t write_fast(const FastQuery& asked, const FastPlan& plan, Bytes request, const ClientInfo& client, Bytes opt,
                       MutableBytes out) {
  const std::size_t begun = asked.query.question_end;
  if (plan.kind == FastPlan::Kind::kGeneral || begun + kMaxOptSize > out.size()) return 0;
  copy_octets(out.data(), request.data(), begun);
  const std::size_t limit = out.size() - opt.size();
  const Written body = asked.query.edns.dnssec_ok ? write_with_dnssec(asked, plan, client, out, limit)
                                                  : write_body<false>(asked, plan, client, out, limit);
  if (body.size == 0) return 0;
  if (!opt.empty()) copy_octets(out.data() + body.size, opt.data(), opt.size());
  const unsigned authoritative = plan.kind == FastPlan::Kind::kReferral ? 0 : Flag::kAa;
  store16(out.data() + 2, static_cast<std::uint16_t>(response_flags(asked.query, plan.rcode) | authoritative));
  store16(out.data() + 4, 1);
  store16(out.data() + 6, body.answers);
  store16(out.data() + 8, body.authorities);
  store16(out.data() + kArcountAt, static_cast<std::uint16_t>(body.additionals + (opt.empty() ? 0 : 1)));
  return body.size + opt.size();
}

}  // namespace dns
