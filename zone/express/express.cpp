#include "zone/express/express.h"

#include <algorithm>

#include "zone/answer/additional.h"
#include "zone/answer/chosen.h"
#include "zone/base/ascii.h"
#include "zone/express/composer.h"
#include "zone/rr/rdata.h"
#include "zone/snapshot/hash_chain.h"

namespace dns {
namespace {

constexpr std::size_t kMaxOptSize = kOptSize + kMaxResponseOptions;

// Types whose questions are answered from more than a set of that type, or beside an alias.
bool is_special(Type type) {
  return type == Type::ANY || type == Type::RRSIG || type == Type::DS || type == Type::NSEC || type == Type::CNAME || is_meta(type);
}

// Types whose sets bring addresses along in a way that is not known here.
bool brings_other_addresses(Type type) {
  return type == Type::SRV || type == Type::SVCB || type == Type::HTTPS || type == Type::AFSDB || type == Type::RT || type == Type::KX;
}

// The commonest of those that hold no names.
bool is_nameless(Type type) { return type == Type::A || type == Type::AAAA || type == Type::TXT; }

ExpressPlan negative(const Zone& zone, Rcode rcode) {
  __builtin_prefetch(&zone.negative());
  __builtin_prefetch(&zone.negative() + 1);
  return {.kind = ExpressPlan::Kind::kNegative, .rcode = rcode};
}

ExpressPlan of_set(ExpressPlan::Kind kind, const NodeView& node, const std::uint32_t* place) {
  __builtin_prefetch(place);
  __builtin_prefetch(place + 16);  // the next line: sets of names are larger than one
  return {.kind = kind, .node = &node, .place = place};
}

ExpressPlan at_node(const Express& asked, const NodeView& node) {
  const Type type = asked.query.question.type;
  if (asked.query.edns.dnssec_ok && node.is_signed()) return {};
  if (const std::uint32_t* const place = node.place_of(type)) {
    if (node.has_choices()) node.prefetch_choice(type);
    return of_set(ExpressPlan::Kind::kSet, node, place);
  }
  if (node.place_of(Type::CNAME) != nullptr) return {};
  return negative(*asked.start.zone, Rcode::NOERROR);
}

struct Written {
  std::size_t size = 0;   // 0: not this way
  std::uint16_t answers = 0, authorities = 0, additionals = 0;
};

// Where a referral's cut stands in the question's name.
struct Cut {
  std::size_t at = 0;                         // octets of the name before the cut's
  const std::uint8_t* label_above = nullptr;  // the label before it; null: none
};
Cut cut_of(const Express& asked, NameView name) {
  const Key& key = asked.key;
  const std::size_t above = key.labels - asked.start.lookup.covering_labels;  // labels of the name that the cut has not
  return {.at = above == key.labels ? name.size() - 1 : key.label_at[above], .label_above = above == 0 ? nullptr : name.data() + key.label_at[above - 1]};
}

// An answer under way.
class Composing {
 public:
  Composing(const Express& asked, const Asker& asker, MutableBytes out, std::size_t limit)
      : asked_(asked),
        asker_(asker),
        zone_(*asked.start.zone),
        name_(NameView::trusted(out.data() + kHeaderSize, asked.query.question.name.size())),
        composer_(out.data(), limit, name_) {}

  Written written() const { return {composer_.size(), answers_, authorities_, additionals_}; }

  bool set(const RrsetView& set) {
    if (!composer_.put(Composer::in_question(0), set)) return false;
    answers_ = set.count;
    if (set.type != Type::NS && set.type != Type::MX) return true;
    const AddressSource source = set.type == Type::NS ? AddressSource::kAlsoGlue : AddressSource::kAuthoritative;
    return for_each_target(set, [&](NameView host, const Composer::Target& target) {
      if (!is_in_zone(target.in_question)) return true;
      const auto node = host_node(zone_, host, source);
      return !node || add_addresses(*node, target.owner);
    });
  }

  bool referral(const ExpressPlan& plan, const RrsetView& servers, const Cut& cut) {
    composer_.expect_below(cut.at, cut.label_above);
    if (!composer_.put(Composer::in_question(cut.at), servers)) return false;
    authorities_ = servers.count;
    if (!is_in_zone(composer_.most_in_question())) return true;
    const std::size_t cut_size = name_.size() - cut.at;
    bool others = false;
    const bool below = for_each_target(servers, [&](NameView host, const Composer::Target& target) {
      if (target.in_question < cut_size) {
        others = others || is_in_zone(target.in_question);
        return true;
      }
      const auto node = zone_.find_below(*plan.node, asked_.start.lookup.below, host.bytes().first(host.size() - cut_size));
      return !node || add_addresses(*node, target.owner);
    });
    if (!below || !others) return below;
    return for_each_target(servers, [&](NameView host, const Composer::Target& target) {
      if (target.in_question >= cut_size || !is_in_zone(target.in_question)) return true;
      const auto node = host_node(zone_, host, AddressSource::kAlsoGlue);
      return !node || add_addresses(*node, target.owner);
    });
  }

 private:
  // The question's name is in the zone, so that its end is the apex; what shares that is, too.
  bool is_in_zone(std::size_t in_question) const {
    const std::size_t apex_size = zone_.apex_size();
    return in_question >= apex_size || apex_size == 1;
  }

  // `visit(name, where it stands)` for the names of the set that was put last, until it returns false; false where it did.
  template <class Visit>
  bool for_each_target(const RrsetView& set, Visit&& visit) {
    const std::size_t at = set.type == Type::MX ? 2 : 0;
    std::size_t index = 0;
    for (const Bytes rdata : set) {
      const NameView host = NameView::trusted(rdata.data() + at, rdata.size() - at);
      const Composer::Target& target = composer_.target(index++);
      if (!host.is_root() && !visit(host, target)) return false;
    }
    return true;
  }

  bool add_addresses(const NodeView& node, Composer::Owner owner) {
    for (std::size_t i = 0; i < given_count_; ++i)
      if (given_[i] == owner.pointer) return true;
    given_[given_count_++] = owner.pointer;
    if (asked_.query.edns.dnssec_ok && node.is_signed()) return false;
    for (const Type type : {Type::A, Type::AAAA}) {
      const auto set = given_of(node, type, &asker_);
      if (!set) continue;
      if (!composer_.put(owner, *set)) return false;
      additionals_ = static_cast<std::uint16_t>(additionals_ + set->count);
    }
    return true;
  }

  const Express& asked_;
  const Asker& asker_;
  const Zone& zone_;
  NameView name_;
  Composer composer_;
  std::array<std::uint16_t, Composer::kMaxPlaces> given_;  // hosts whose addresses stand in the message
  std::size_t given_count_ = 0;
  std::uint16_t answers_ = 0, authorities_ = 0, additionals_ = 0;
};

// The zone's SOA, ready but for its place.
Written write_negative(const Express& asked, std::uint8_t* message, std::size_t limit) {
  const Relocatable& soa = asked.start.zone->negative();
  const std::size_t name_size = asked.query.question.name.size(), at = kHeaderSize + name_size + 4;
  if (soa.empty() || at + soa.size() > limit) return {};
  const std::size_t above = asked.key.labels - asked.start.zone->apex_labels();
  if (above > 0 && soa.meets(message + kHeaderSize + asked.key.label_at[above - 1])) return {};
  soa.write(message + at, name_size);
  return {.size = at + soa.size(), .authorities = 1};
}

// A set that brings nothing along.
Written write_alone(const Express& asked, const RrsetView& set, std::uint8_t* message, std::size_t limit) {
  const std::size_t at = kHeaderSize + asked.query.question.name.size() + 4;
  return {.size = put_nameless({message, at, limit}, {Composer::in_question(0).pointer, set}, set), .answers = set.count};
}

Written write_referral(const Express& asked, const ExpressPlan& plan, const Asker& asker, MutableBytes out, std::size_t limit) {
  const NameView name = NameView::trusted(out.data() + kHeaderSize, asked.query.question.name.size());
  const Cut cut = cut_of(asked, name);
  if (cut.at == name.size() - 1) return {};
  const RrsetView servers = NodeView::at(plan.place, Type::NS);
  if (asked.start.zone->apex_size() > 1) {  // else each server lies in the zone
    const std::size_t size = put_foreign_servers({out.data(), kHeaderSize + name.size() + 4, limit}, {Composer::in_question(cut.at).pointer, servers}, servers, name);
    if (size != 0) return {.size = size, .authorities = servers.count};
  }
  Composing composing(asked, asker, out, limit);
  if (!composing.referral(plan, servers, cut)) return {};
  return composing.written();
}

Written write_body(const Express& asked, const ExpressPlan& plan, const Asker& asker, MutableBytes out, std::size_t limit) {
  if (plan.kind == ExpressPlan::Kind::kReferral) return write_referral(asked, plan, asker, out, limit);
  if (plan.kind == ExpressPlan::Kind::kNegative) return write_negative(asked, out.data(), limit);
  const Type type = asked.query.question.type;
  RrsetView set = NodeView::at(plan.place, type);
  if (plan.node->has_choices()) {
    const auto given = given_of(*plan.node, type, &asker);
    if (!given) return write_negative(asked, out.data(), limit);
    set = *given;
  }
  if (is_nameless(type)) return write_alone(asked, set, out.data(), limit);
  Composing composing(asked, asker, out, limit);
  if (!composing.set(set)) return {};
  return composing.written();
}

// Whether the label right below the apex is as long as a hash: no name of the zone, perhaps (RFC 5155 7.2.8).
bool may_be_hash(const Express& asked) {
  if (asked.query.question.name.size() <= kHashLabel) return false;
  const std::size_t above = asked.key.labels - asked.start.zone->apex_labels();
  return above > 0 && asked.query.question.name.data()[asked.key.label_at[above - 1]] == kHashLabel;
}

}  // namespace

ExpressPlan plan(const Express& asked) {
  const Question& question = asked.query.question;
  const Zone* const zone = asked.start.zone;
  if (zone == nullptr || zone->root().is_null() || question.klass != Class::IN || question.name.is_root() || is_special(question.type) ||
      brings_other_addresses(question.type))
    return {};
  const Lookup& found = asked.start.lookup;
  const bool dnssec_ok = asked.query.edns.dnssec_ok;
  if (const NodeView* const cover = cover_of(found, asked.key.labels)) {
    if (!cover->is_cut() || (dnssec_ok && (cover->is_signed() || zone->is_hashed()))) return {};
    return of_set(ExpressPlan::Kind::kReferral, *cover, cover->place_of(Type::NS));
  }
  if (dnssec_ok && zone->is_signed()) return {};
  if (may_be_hash(asked) && zone->is_hashed()) return {};
  if (found.match == Match::kExact) return at_node(asked, *found.node);
  if (found.match == Match::kNone && found.wildcard) return at_node(asked, *found.wildcard);
  return negative(*zone, found.match == Match::kNone && !found.wildcard_exists ? Rcode::NXDOMAIN : Rcode::NOERROR);
}

std::size_t compose(const Express& asked, const ExpressPlan& plan, Bytes request, const Asker& asker, Bytes opt, MutableBytes out) {
  const std::size_t begun = asked.query.question_end;
  if (plan.kind == ExpressPlan::Kind::kGeneral || begun + kMaxOptSize > out.size()) return 0;
  copy_octets(out.data(), request.data(), begun);
  const Written body = write_body(asked, plan, asker, out, out.size() - opt.size());
  if (body.size == 0) return 0;
  if (!opt.empty()) copy_octets(out.data() + body.size, opt.data(), opt.size());
  const unsigned authoritative = plan.kind == ExpressPlan::Kind::kReferral ? 0 : Flag::kAa;
  store16(out.data() + 2, static_cast<std::uint16_t>(response_flags(asked.query, plan.rcode) | authoritative));
  store16(out.data() + 4, 1);
  store16(out.data() + 6, body.answers);
  store16(out.data() + 8, body.authorities);
  store16(out.data() + 10, static_cast<std::uint16_t>(body.additionals + (opt.empty() ? 0 : 1)));
  return body.size + opt.size();
}

}  // namespace dns
