#include <algorithm>

#include "zone/answer/additional.h"
#include "zone/answer/answer.h"
#include "zone/answer/chosen.h"
#include "zone/answer/denial.h"
#include "zone/rr/rdata.h"

namespace dns {
namespace {

// Where the steps of a walk go: nowhere, at no cost, or into a Trace.
struct Untold {
  static constexpr bool kListens = false;
  void operator()(Step, NameView = {}, Type = {}) const {}
};

struct Told {
  static constexpr bool kListens = true;
  Trace& trace;
  void operator()(Step step, NameView at = {}, Type type = {}) const { trace.push_back({step, at, type}); }
  void operator()(NameView at, Type type, TraceChoice choice) const {
    trace.push_back({Step::kChoice, at, type, std::move(choice)});
  }
};

enum InfoCode : std::uint16_t { kNotReady = 14, kNotAuthoritative = 20 };  // RFC 8914 4

// Types that live beside a CNAME (RFC 4034 3, RFC 2181 10.1): asking for them does not follow the alias.
bool lives_beside_cname(Type type) { return type == Type::CNAME || type == Type::RRSIG || type == Type::NSEC; }

TraceChoice told(const Picked& picked, const ViewTable* views) {
  TraceChoice choice{.view = {}, .answered = picked.arm != kNoArm, .slot = picked.slot, .variant = picked.variant};
  if (picked.view != kNoView && views != nullptr) choice.view = views->views()[picked.view].name;
  return choice;
}

// One question's walk: descents, one a name of the chain, until one of them ends it.
template <class Tell>
class Walk {
 public:
  Walk(const Snapshot& snapshot, const Question& question, const SolveOptions& options, Answer& answer, Tell tell)
      : snapshot_(snapshot), type_(question.type), options_(options), answer_(answer), tell_(tell), name_(question.name) {
    answer_.clear();
  }

  void run(const Start& first) {
    if (first.zone == nullptr) {
      answer_.rcode = Rcode::REFUSED;
      answer_.extended_error = kNotAuthoritative + 1;
      return tell_(Step::kNoZone);
    }
    answer_.zone = first.zone;
    for (Start start = first; begin(start) == Next::kGoOn;) {
      if (is_passed(name_)) return tell_(Step::kLoop, name_);
      if (++steps_ == kMaxChain) return tell_(Step::kChainTooLong, name_);
      key_.assign(name_);
      start = find_start(snapshot_, key_, type_);
      if (start.zone == nullptr) return tell_(Step::kOutside, name_);
    }
  }

 private:
  enum class Next : std::uint8_t { kEnd, kGoOn };

  // What a name resolved to: its node, or the wildcard that stands for it.
  struct Found {
    const NodeView& node;
    NameView encloser;  // of the name where a wildcard stands for it
    enum class By : std::uint8_t { kName, kWildcard } by;
  };

  Next begin(const Start& start) {
    zone_ = start.zone;
    tell_(Step::kZone, zone_->apex());
    if (zone_->root().is_null()) return not_loaded();
    if (start.from == Start::From::kParent) tell_(Step::kParentForDs);
    Lookup found = start.lookup;
    pass_over_hashes(*zone_, name_, found);
    const std::size_t labels = name_.labels();
    if (const NodeView* cover = cover_of(found, labels)) {
      const NameView owner = name_.drop(labels - found.covering_labels);
      if (!cover->is_cut()) return follow_dname(*cover, owner);
      tell_(Step::kCut, owner);
      if (type_ != Type::DS || found.covering_labels != labels) return refer(*cover, owner);
      answer_.authoritative = true;
      return at_node({*cover, {}, Found::By::kName});  // the parent's own data at the cut (RFC 4035 3.1.4.1)
    }
    answer_.authoritative = true;
    switch (found.match) {
      case Match::kExact: return at_node({*found.node, {}, Found::By::kName});
      case Match::kEmptyNonTerminal: return at_empty_non_terminal();
      case Match::kNone: break;
    }
    const NameView encloser = name_.drop(labels - found.encloser_labels);
    tell_encloser(encloser);
    if (!found.wildcard_exists) return no_such_name(encloser);
    tell_at_wildcard(Step::kWildcard, encloser);
    if (!found.wildcard) return at_empty_wildcard(encloser);
    return at_node({*found.wildcard, encloser, Found::By::kWildcard});
  }

  Next not_loaded() {
    tell_(Step::kNotLoaded);
    answer_.rcode = Rcode::SERVFAIL;
    answer_.extended_error = kNotReady + 1;
    return Next::kEnd;
  }

  Next at_node(const Found& found) {
    if (type_ == Type::ANY) return any(found);
    if (type_ == Type::RRSIG) return all_signatures(found);
    tell_choice(found.node, type_);
    if (const auto set = given_of(found.node, type_, options_.asker)) return hit(found, *set, Step::kHit);
    if (!lives_beside_cname(type_))
      if (const auto alias = found.node.find(Type::CNAME)) return follow_cname(found, *alias);
    return no_data(found);
  }

  // RFC 8482 4.1, one set of those there are: the first in type order. It is the address where there is one, NS at an
  // apex, CNAME at an alias, and never a signature alone; whoever asks twice gets the same.
  Next any(const Found& found) {
    for (std::size_t i = 0; i < found.node.set_count(); ++i) {
      const Type type = found.node.set(i).type;
      if (type == Type::RRSIG) continue;
      tell_choice(found.node, type);
      if (const auto set = given_of(found.node, type, options_.asker)) return hit(found, *set, Step::kAny);
    }
    return no_data(found);
  }

  // RRSIG by its own name: the set of signatures of each type (RFC 4035 3.1).
  Next all_signatures(const Found& found) {
    const std::size_t before = answer_.count;
    for (std::size_t i = 0; i < found.node.set_count(); ++i)
      if (const RrsetView set = found.node.set(i); set.type == Type::RRSIG)
        answer_.add({Section::kAnswer, name_, set, set.ttl});
    if (answer_.count == before) return no_data(found);
    tell_(Step::kHit, name_, type_);
    prove_wildcard(found);
    return Next::kEnd;
  }

  Next hit(const Found& found, const RrsetView& set, Step step) {
    tell_(step, name_, set.type);
    give(Section::kAnswer, found.node, name_, set);
    prove_wildcard(found);
    add_addresses(*zone_, name_, set, options_, answer_);
    return Next::kEnd;
  }

  Next follow_cname(const Found& found, const RrsetView& alias) {
    give(Section::kAnswer, found.node, name_, alias);
    prove_wildcard(found);
    const Bytes target = *alias.begin();
    name_ = NameView::trusted(target.data(), target.size());
    tell_(Step::kCname, name_);
    return Next::kGoOn;
  }

  // RFC 6672 3.2: the DNAME, and a CNAME made from it, which answers a question for CNAME itself.
  Next follow_dname(const NodeView& node, NameView owner) {
    answer_.authoritative = true;
    const RrsetView dname = *node.find(Type::DNAME);
    tell_(Step::kDname, owner);
    give(Section::kAnswer, node, owner, dname);
    const Bytes rdata = *dname.begin();
    const auto target = replace_suffix(name_, owner, NameView::trusted(rdata.data(), rdata.size()));
    if (!target) {
      answer_.rcode = Rcode::YXDOMAIN;
      tell_(Step::kDnameTooLong);
      return Next::kEnd;
    }
    Answer::Synthesised& made = answer_.synthesised[answer_.synthesised_count++];
    store16(made.packed.data(), static_cast<std::uint16_t>(target->size()));
    std::memcpy(made.packed.data() + 2, target->view().data(), target->size());
    const RrsetView alias{Type::CNAME, 1, dname.ttl, made.packed.data()};
    answer_.add({Section::kAnswer, name_, alias, alias.ttl});
    name_ = made.target();
    tell_(Step::kCname, name_);
    return type_ == Type::CNAME || type_ == Type::ANY ? Next::kEnd : Next::kGoOn;
  }

  // A referral. It leaves AA as the chain before it set it: that flag speaks of the first name (RFC 1035 4.1.1).
  Next refer(const NodeView& cut, NameView owner) {
    const auto servers = cut.find(Type::NS);
    answer_.add({Section::kAuthority, owner, *servers, servers->ttl});
    if (options_.dnssec_ok) {
      // A DS without its signature proves nothing, and an unsigned zone's referrals carry none (RFC 4035 3.1.4).
      if (const auto ds = cut.find(Type::DS); ds && cut.signatures_of(Type::DS)) give(Section::kAuthority, cut, owner, *ds);
      else if (!ds) deny_type(*zone_, &cut, owner, answer_);
    }
    add_glue(*zone_, owner, *servers, options_, answer_);
    return Next::kEnd;
  }

  Next at_empty_non_terminal() {
    tell_(Step::kEmptyNonTerminal);
    give_soa();
    if (proves()) deny_type(*zone_, nullptr, name_, answer_);
    return Next::kEnd;
  }

  // The wildcard exists through names below it alone: it stands for the name, and has nothing to give (RFC 4592 2.2.2).
  Next at_empty_wildcard(NameView encloser) {
    tell_(Step::kEmptyNonTerminal);
    give_soa();
    if (proves()) deny_type_of_wildcard(*zone_, nullptr, name_, encloser, answer_);
    return Next::kEnd;
  }

  Next no_data(const Found& found) {
    tell_(Step::kNoData, name_, type_);
    give_soa();
    if (!proves()) return Next::kEnd;
    if (found.by == Found::By::kName) deny_type(*zone_, &found.node, name_, answer_);
    else deny_type_of_wildcard(*zone_, &found.node, name_, found.encloser, answer_);
    return Next::kEnd;
  }

  Next no_such_name(NameView encloser) {
    tell_at_wildcard(Step::kNoWildcard, encloser);
    tell_(Step::kNegative);
    answer_.rcode = Rcode::NXDOMAIN;
    give_soa();
    if (!proves()) return Next::kEnd;
    deny_name(*zone_, name_, encloser, answer_);
    return Next::kEnd;
  }

  void give(Section section, const NodeView& node, NameView owner, const RrsetView& set) {
    if (set.type == Type::DNAME && is_given_dname(owner)) return;  // a chain may pass one twice, and end at it
    answer_.add({section, owner, set, set.ttl});
    if (!options_.dnssec_ok || set.type == Type::RRSIG) return;
    if (const auto signatures = signatures_of_given(node, set)) answer_.add({section, owner, *signatures, signatures->ttl});
  }

  // RFC 2308 3 and 5; the signature's TTL follows that of what it signs.
  void give_soa() {
    const auto apex = zone_->apex_node();
    const auto soa = apex ? apex->find(Type::SOA) : std::nullopt;
    if (!soa) return;
    const std::uint32_t ttl = std::min(soa->ttl, read_soa(*soa->begin()).minimum);
    answer_.add({Section::kAuthority, zone_->apex(), *soa, ttl});
    if (!options_.dnssec_ok) return;
    if (const auto signatures = apex->signatures_of(Type::SOA))
      answer_.add({Section::kAuthority, zone_->apex(), *signatures, ttl});
  }

  bool proves() const { return options_.dnssec_ok && can_prove(*zone_); }

  // That no name nearer than the wildcard exists (RFC 4035 3.1.3.3).
  void prove_wildcard(const Found& found) {
    if (found.by == Found::By::kWildcard && proves()) deny_nearer(*zone_, name_, found.encloser, answer_);
  }

  bool is_passed(NameView name) const {
    for (std::size_t i = 0; i < answer_.count; ++i)
      if (answer_.sets[i].set.type == Type::CNAME && answer_.sets[i].owner == name) return true;
    return false;
  }

  bool is_given_dname(NameView owner) const {
    for (std::size_t i = 0; i < answer_.count; ++i)
      if (answer_.sets[i].set.type == Type::DNAME && answer_.sets[i].owner == owner) return true;
    return false;
  }

  void tell_choice(const NodeView& node, Type type) {
    if constexpr (Tell::kListens)
      if (const auto picked = picked_of(node, type, options_.asker)) tell_(name_, type, told(*picked, options_.asker->views));
  }

  void tell_encloser(NameView encloser) {
    if constexpr (Tell::kListens)
      tell_(zone_->find_exact(encloser) ? Step::kEncloser : Step::kEncloserEmpty, encloser);
  }

  void tell_at_wildcard(Step step, NameView encloser) {
    static constexpr std::uint8_t kAsterisk[] = {1, '*'};
    if constexpr (Tell::kListens)
      if (const auto wildcard = join(kAsterisk, encloser)) tell_(step, *wildcard);
  }

  const Snapshot& snapshot_;
  const Type type_;
  const SolveOptions& options_;
  Answer& answer_;
  Tell tell_;
  NameView name_;              // where the chain stands
  const Zone* zone_ = nullptr; // that answers for it
  std::size_t steps_ = 0;
  Key key_;
};

}  // namespace

void solve(const Snapshot& snapshot, const Question& question, const SolveOptions& options, Answer& answer) {
  const Key key(question.name);
  solve(snapshot, question, find_start(snapshot, key, question.type), options, answer);
}

void solve(const Snapshot& snapshot, const Question& question, const Start& first, const SolveOptions& options,
           Answer& answer) {
  Walk<Untold>(snapshot, question, options, answer, {}).run(first);
}

void solve(const Snapshot& snapshot, const Question& question, const SolveOptions& options, Answer& answer, Trace& trace) {
  const Key key(question.name);
  Walk<Told>(snapshot, question, options, answer, {trace}).run(find_start(snapshot, key, question.type));
}

}  // namespace dns
