#include "zone/express/express.h"

#include <algorithm>

#include "zone/answer/additional.h"
#include "zone/answer/chosen.h"
#include "zone/base/ascii.h"
#include "zone/express/composer.h"
#include "zone/rr/rdata.h"

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

// An answer under way.
class Composing {
 public:
  Composing(const Express& asked, const Asker& asker, MutableBytes out, std::size_t limit)
      : asked_(asked),
        asker_(asker),
        zone_(*asked.start.zone),
        name_(NameView::trusted(out.data() + kHeaderSize, asked.query.question.name.size())),
        composer_(out.data(), limit, name_) {}

  std::size_t size() const { return composer_.size(); }
  std::uint16_t answers = 0, authorities = 0, additionals = 0;

  bool set(const RrsetView& set) {
    if (!composer_.put(Composer::in_question(0), set)) return false;
    answers = set.count;
    if (set.type != Type::NS && set.type != Type::MX) return true;
    const AddressSource source = set.type == Type::NS ? AddressSource::kAlsoGlue : AddressSource::kAuthoritative;
    return for_each_target(set, [&](NameView host, const Composer::Target& target) {
      if (!is_in_zone(target.in_question)) return true;
      const auto node = host_node(zone_, host, source);
      return !node || add_addresses(*node, target.owner);
    });
  }

  bool referral(const ExpressPlan& plan) {
    const RrsetView servers = NodeView::at(plan.place, Type::NS);
    const Lookup& found = asked_.start.lookup;
    const std::size_t above = asked_.key.labels - found.covering_labels;  // labels of the name that the cut has not
    const std::size_t cut_at = above == asked_.key.labels ? name_.size() - 1 : asked_.key.label_at[above];
    const NameView cut = NameView::trusted(name_.data() + cut_at, name_.size() - cut_at);
    composer_.expect_below(cut_at, above == 0 ? nullptr : name_.data() + asked_.key.label_at[above - 1]);
    if (cut.is_root() || !composer_.put(Composer::in_question(cut_at), servers)) return false;
    authorities = servers.count;
    if (!is_in_zone(composer_.most_in_question())) return true;
    bool others = false;
    const bool below = for_each_target(servers, [&](NameView host, const Composer::Target& target) {
      if (target.in_question < cut.size()) {
        others = others || is_in_zone(target.in_question);
        return true;
      }
      const auto node = zone_.find_below(*plan.node, found.below, host.bytes().first(host.size() - cut.size()));
      return !node || add_addresses(*node, target.owner);
    });
    if (!below || !others) return below;
    return for_each_target(servers, [&](NameView host, const Composer::Target& target) {
      if (target.in_question >= cut.size() || !is_in_zone(target.in_question)) return true;
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
      additionals = static_cast<std::uint16_t>(additionals + set->count);
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
};

struct Written {
  std::size_t size = 0;   // 0: not this way
  std::uint16_t answers = 0, authorities = 0, additionals = 0;
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

Written write_body(const Express& asked, const ExpressPlan& plan, const Asker& asker, MutableBytes out, std::size_t limit) {
  if (plan.kind == ExpressPlan::Kind::kNegative) return write_negative(asked, out.data(), limit);
  Composing composing(asked, asker, out, limit);
  if (plan.kind == ExpressPlan::Kind::kReferral) {
    if (!composing.referral(plan)) return {};
  } else if (!plan.node->has_choices()) {
    if (!composing.set(NodeView::at(plan.place, asked.query.question.type))) return {};
  } else {
    const auto given = given_of(*plan.node, asked.query.question.type, &asker);
    if (!given) return write_negative(asked, out.data(), limit);
    if (!composing.set(*given)) return {};
  }
  return {composing.size(), composing.answers, composing.authorities, composing.additionals};
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
    if (!cover->is_cut() || (dnssec_ok && cover->is_signed())) return {};
    return of_set(ExpressPlan::Kind::kReferral, *cover, cover->place_of(Type::NS));
  }
  if (dnssec_ok && zone->is_signed()) return {};
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
