#include <algorithm>

#include "zone/answer/additional.h"
#include "zone/answer/answer.h"
#include "zone/answer/client_rrset.h"
#include "zone/answer/nsec_proofs.h"
#include "zone/rr/rdata.h"

namespace dns {
namespace {

// Records the steps of the algorithm: Untraced drops them at no cost, Traced appends them to a Trace.
struct Untraced {
  static constexpr bool kEnabled = false;
  void operator()(Step, NameView = {}, Type = {}) const {}
};

struct Traced {
  static constexpr bool kEnabled = true;
  Trace& trace;
  void operator()(Step step, NameView at = {}, Type type = {}) const { trace.push_back({step, at, type}); }
  void operator()(NameView at, Type type, TraceChoice choice) const {
    trace.push_back({Step::kClientChoice, at, type, std::move(choice)});
  }
};

// Types that may exist beside a CNAME (RFC 4034 3, RFC 2181 10.1): a question for one of them does not follow the
// CNAME.
bool lives_beside_cname(Type type) { return type == Type::CNAME || type == Type::RRSIG || type == Type::NSEC; }

TraceChoice trace_of(const ChosenRrset& chosen, const ViewTable* views) {
  TraceChoice choice{.view = {}, .answered = chosen.rule != kNoRule, .slot = chosen.slot, .variant = chosen.variant};
  if (chosen.view != kNoView && views != nullptr) choice.view = views->views()[chosen.view].name;
  return choice;
}

// Answers one question. Each name of a CNAME or DNAME chain needs one lookup.
template <class Tracer>
class AnswerBuilder {
 public:
  AnswerBuilder(const Snapshot& snapshot, const Question& question, const SolveOptions& options, Answer& answer,
                Tracer trace)
      : snapshot_(snapshot),
        type_(question.type),
        options_(options),
        answer_(answer),
        trace_(trace),
        name_(question.name) {
    answer_.clear();
  }

  void run(const ZoneLookup& first) {
    if (first.zone == nullptr) {
      answer_.rcode = Rcode::REFUSED;
      answer_.extended_error = ExtendedError::kNotAuthoritative;
      return trace_(Step::kNotServed);
    }
    answer_.zone = first.zone;
    for (ZoneLookup lookup = first; resolve(lookup) == Next::kFollow;) {
      if (is_in_chain(name_)) return trace_(Step::kLoop, name_);
      if (++steps_ == kMaxChain) return trace_(Step::kChainTooLong, name_);
      key_.assign(name_);
      lookup = look_up_name(snapshot_, key_, type_);
      if (lookup.zone == nullptr || !may_query(lookup)) return trace_(Step::kTargetNotServed, name_);
    }
  }

 private:
  enum class Next : std::uint8_t { kEnd, kFollow };

  // The node that answers for a name: its own node or the wildcard that covers it.
  struct Found {
    const NodeView& node;
    NameView encloser;  // closest encloser of the name, if By::kWildcard
    enum class By : std::uint8_t { kName, kWildcard } by;
  };

  Next resolve(const ZoneLookup& lookup) {
    zone_ = lookup.zone;
    trace_(Step::kZone, zone_->apex());
    if (zone_->root().is_null()) return answer_servfail();
    if (lookup.from == ZoneLookup::From::kParent) trace_(Step::kParentForDs);
    Lookup found = lookup.found;
    ignore_nsec3_owners(*zone_, name_, found);
    const std::size_t labels = name_.labels();
    if (const NodeView* cut_or_dname = cut_or_dname_of(found, labels)) {
      const NameView owner = name_.drop(labels - found.cut_or_dname_labels);
      if (!cut_or_dname->is_cut()) return follow_dname(*cut_or_dname, owner);
      trace_(Step::kDelegation, owner);
      if (type_ != Type::DS || found.cut_or_dname_labels != labels) return add_referral(*cut_or_dname, owner);
      answer_.authoritative = true;
      return answer_at_node(
          {*cut_or_dname, {}, Found::By::kName});  // the parent's own data at the cut (RFC 4035 3.1.4.1)
    }
    answer_.authoritative = true;
    switch (found.match) {
      case Match::kExact: return answer_at_node({*found.node, {}, Found::By::kName});
      case Match::kEmptyNonTerminal: return answer_empty_non_terminal();
      case Match::kNone: break;
    }
    const NameView encloser = name_.drop(labels - found.encloser_labels);
    trace_closest_encloser(encloser);
    if (!found.wildcard_exists) return answer_nxdomain(encloser);
    trace_wildcard(Step::kWildcard, encloser);
    if (!found.wildcard) return answer_empty_wildcard(encloser);
    return answer_at_node({*found.wildcard, encloser, Found::By::kWildcard});
  }

  // A chain must not show the data of a zone that the client may not query. The zone of the question is the caller's
  // matter.
  bool may_query(const ZoneLookup& lookup) const {
    return options_.client == nullptr || is_allowed(lookup.policy, Operation::kQuery, *options_.client);
  }

  Next answer_servfail() {
    trace_(Step::kNotLoaded);
    answer_.rcode = Rcode::SERVFAIL;
    answer_.extended_error = ExtendedError::kInvalidData;
    return Next::kEnd;
  }

  Next answer_at_node(const Found& found) {
    if (type_ == Type::ANY) return answer_any(found);
    if (type_ == Type::RRSIG) return answer_rrsigs(found);
    trace_client_choice(found.node, type_);
    if (const auto set = rrset_for_client(found.node, type_, options_.client))
      return answer_rrset(found, *set, Step::kAnswer);
    if (!lives_beside_cname(type_))
      if (const auto alias = found.node.find(Type::CNAME)) return follow_cname(found, *alias);
    return answer_nodata(found);
  }

  // RFC 8482 4.1: one of the RRsets at the name, the first in type order. That is A if the name has addresses, NS at an
  // apex, CNAME at an alias, and never RRSIG. A repeated question gets the same RRset.
  Next answer_any(const Found& found) {
    for (std::size_t i = 0; i < found.node.set_count(); ++i) {
      const Type type = found.node.set(i).type;
      if (type == Type::RRSIG) continue;
      trace_client_choice(found.node, type);
      if (const auto set = rrset_for_client(found.node, type, options_.client))
        return answer_rrset(found, *set, Step::kAny);
    }
    return answer_nodata(found);
  }

  // A question for type RRSIG: the signatures of each type (RFC 4035 3.1).
  Next answer_rrsigs(const Found& found) {
    const std::size_t before = answer_.count;
    for (std::size_t i = 0; i < found.node.set_count(); ++i)
      if (const RrsetView set = found.node.set(i); set.type == Type::RRSIG)
        answer_.add({Section::kAnswer, name_, set, set.ttl});
    if (answer_.count == before) return answer_nodata(found);
    trace_(Step::kAnswer, name_, type_);
    add_wildcard_proof(found);
    return Next::kEnd;
  }

  Next answer_rrset(const Found& found, const RrsetView& set, Step step) {
    trace_(step, name_, set.type);
    add(Section::kAnswer, found.node, name_, set);
    add_wildcard_proof(found);
    add_addresses(*zone_, name_, set, options_, answer_);
    return Next::kEnd;
  }

  Next follow_cname(const Found& found, const RrsetView& alias) {
    add(Section::kAnswer, found.node, name_, alias);
    add_wildcard_proof(found);
    const Bytes target = *alias.begin();
    name_ = NameView::trusted(target.data(), target.size());
    trace_(Step::kCname, name_);
    return Next::kFollow;
  }

  // RFC 6672 3.2: the DNAME, and a CNAME synthesised from it. That CNAME answers a question for type CNAME.
  Next follow_dname(const NodeView& node, NameView owner) {
    answer_.authoritative = true;
    const RrsetView dname = *node.find(Type::DNAME);
    trace_(Step::kDname, owner);
    add(Section::kAnswer, node, owner, dname);
    const Bytes rdata = *dname.begin();
    const auto target = replace_suffix(name_, owner, NameView::trusted(rdata.data(), rdata.size()));
    if (!target) {
      answer_.rcode = Rcode::YXDOMAIN;
      trace_(Step::kDnameTooLong);
      return Next::kEnd;
    }
    Answer::Synthesised& made = answer_.synthesised[answer_.synthesised_count++];
    store16(made.packed.data(), static_cast<std::uint16_t>(target->size()));
    std::memcpy(made.packed.data() + 2, target->view().data(), target->size());
    const RrsetView alias{Type::CNAME, 1, dname.ttl, made.packed.data()};
    answer_.add({Section::kAnswer, name_, alias, alias.ttl});
    name_ = made.target();
    trace_(Step::kCname, name_);
    return type_ == Type::CNAME || type_ == Type::ANY ? Next::kEnd : Next::kFollow;
  }

  // A referral. It does not change AA: that flag is about the first name of the chain (RFC 1035 4.1.1).
  Next add_referral(const NodeView& cut, NameView owner) {
    const auto servers = cut.find(Type::NS);
    answer_.add({Section::kAuthority, owner, *servers, servers->ttl});
    if (options_.dnssec_ok) {
      // A DS without its signature needs_proof nothing, and referrals of an unsigned zone carry none (RFC 4035 3.1.4).
      if (const auto ds = cut.find(Type::DS); ds && cut.signatures_of(Type::DS))
        add(Section::kAuthority, cut, owner, *ds);
      else if (!ds) prove_nodata(*zone_, &cut, owner, answer_);
    }
    add_glue(*zone_, owner, *servers, options_, answer_);
    return Next::kEnd;
  }

  Next answer_empty_non_terminal() {
    trace_(Step::kEmptyNonTerminal);
    add_soa();
    if (needs_proof()) prove_nodata(*zone_, nullptr, name_, answer_);
    return Next::kEnd;
  }

  // The wildcard is an empty non-terminal. It covers the name but has no records for it (RFC 4592 2.2.2).
  Next answer_empty_wildcard(NameView encloser) {
    trace_(Step::kEmptyNonTerminal);
    add_soa();
    if (needs_proof()) prove_wildcard_nodata(*zone_, nullptr, name_, encloser, answer_);
    return Next::kEnd;
  }

  Next answer_nodata(const Found& found) {
    trace_(Step::kNoData, name_, type_);
    add_soa();
    if (!needs_proof()) return Next::kEnd;
    if (found.by == Found::By::kName) prove_nodata(*zone_, &found.node, name_, answer_);
    else prove_wildcard_nodata(*zone_, &found.node, name_, found.encloser, answer_);
    return Next::kEnd;
  }

  Next answer_nxdomain(NameView encloser) {
    trace_wildcard(Step::kNoWildcard, encloser);
    trace_(Step::kNxdomain);
    answer_.rcode = Rcode::NXDOMAIN;
    add_soa();
    if (!needs_proof()) return Next::kEnd;
    prove_nxdomain(*zone_, name_, encloser, answer_);
    return Next::kEnd;
  }

  void add(Section section, const NodeView& node, NameView owner, const RrsetView& set) {
    if (set.type == Type::DNAME && has_dname(owner)) return;  // a chain may pass the same DNAME twice
    answer_.add({section, owner, set, set.ttl});
    if (!options_.dnssec_ok || set.type == Type::RRSIG) return;
    if (const auto signatures = signatures_for_client(node, set))
      answer_.add({section, owner, *signatures, signatures->ttl});
  }

  // RFC 2308 3 and 5. The signature gets the same TTL as the SOA.
  void add_soa() {
    const auto apex = zone_->apex_node();
    const auto soa = apex ? apex->find(Type::SOA) : std::nullopt;
    if (!soa) return;
    const std::uint32_t ttl = std::min(soa->ttl, read_soa(*soa->begin()).minimum);
    answer_.add({Section::kAuthority, zone_->apex(), *soa, ttl});
    if (!options_.dnssec_ok) return;
    if (const auto signatures = apex->signatures_of(Type::SOA))
      answer_.add({Section::kAuthority, zone_->apex(), *signatures, ttl});
  }

  bool needs_proof() const { return options_.dnssec_ok && can_prove(*zone_); }

  // Proves that no closer match than the wildcard exists (RFC 4035 3.1.3.3).
  void add_wildcard_proof(const Found& found) {
    if (found.by == Found::By::kWildcard && needs_proof()) prove_wildcard(*zone_, name_, found.encloser, answer_);
  }

  bool is_in_chain(NameView name) const {
    for (std::size_t i = 0; i < answer_.count; ++i)
      if (answer_.sets[i].set.type == Type::CNAME && answer_.sets[i].owner == name) return true;
    return false;
  }

  bool has_dname(NameView owner) const {
    for (std::size_t i = 0; i < answer_.count; ++i)
      if (answer_.sets[i].set.type == Type::DNAME && answer_.sets[i].owner == owner) return true;
    return false;
  }

  void trace_client_choice(const NodeView& node, Type type) {
    if constexpr (Tracer::kEnabled)
      if (const auto chosen = choose_for_client(node, type, options_.client))
        trace_(name_, type, trace_of(*chosen, options_.client->views));
  }

  void trace_closest_encloser(NameView encloser) {
    if constexpr (Tracer::kEnabled)
      trace_(zone_->find_exact(encloser) ? Step::kClosestEncloser : Step::kClosestEncloserEmpty, encloser);
  }

  void trace_wildcard(Step step, NameView encloser) {
    if constexpr (Tracer::kEnabled)
      if (const auto wildcard = join(kWildcardLabel, encloser)) trace_(step, *wildcard);
  }

  const Snapshot& snapshot_;
  const Type type_;
  const SolveOptions& options_;
  Answer& answer_;
  Tracer trace_;
  NameView name_;               // current name of the chain
  const Zone* zone_ = nullptr;  // zone of that name
  std::size_t steps_ = 0;
  Key key_;
};

}  // namespace

void solve(const Snapshot& snapshot, const Question& question, const SolveOptions& options, Answer& answer) {
  const Key key(question.name);
  solve(snapshot, question, look_up_name(snapshot, key, question.type), options, answer);
}

void solve(const Snapshot& snapshot, const Question& question, const ZoneLookup& first, const SolveOptions& options,
           Answer& answer) {
  AnswerBuilder<Untraced>(snapshot, question, options, answer, {}).run(first);
}

void solve(const Snapshot& snapshot, const Question& question, const SolveOptions& options, Answer& answer,
           Trace& trace) {
  const Key key(question.name);
  AnswerBuilder<Traced>(snapshot, question, options, answer, {trace}).run(look_up_name(snapshot, key, question.type));
}

}  // namespace dns
