#include "zone/answer/nsec_proofs.h"

#include "zone/snapshot/nsec3_chain.h"

namespace dns {
namespace {

// Glue and occluded names own no NSEC. Those below one cut are skipped in a single step.
constexpr int kMaxStepsBack = 16;

bool is_present(const Answer& answer, NameView owner, Type type) {
  for (std::size_t i = 0; i < answer.count; ++i)
    if (answer.sets[i].set.type == type && answer.sets[i].owner == owner) return true;
  return false;
}

void add(const NodeView& node, NameView owner, Type type, Answer& answer) {
  const auto proof = node.find(type);
  if (!proof || is_present(answer, owner, type)) return;
  answer.add({Section::kAuthority, owner, *proof, proof->ttl});
  if (const auto signatures = node.signatures_of(type))
    answer.add({Section::kAuthority, owner, *signatures, signatures->ttl});
}

void add_proof(const NodeView& node, Type type, Answer& answer) {
  if (answer.proof_count == kMaxProofs) return;
  Name& owner = answer.proof_owners[answer.proof_count];
  owner = node.owner();
  if (is_present(answer, owner, type)) return;
  ++answer.proof_count;
  add(node, owner, type, answer);
}

bool has_nsec(const Zone& zone) {
  const auto apex = zone.apex_node();
  return apex && apex->has(Type::NSEC);
}

// Adds the NSEC record that covers `name`, which owns no records.
void add_covering_nsec(const Zone& zone, NameView name, Answer& answer) {
  if (const auto node = find_covering_nsec(zone, Key(name))) add_proof(*node, Type::NSEC, answer);
}

void add_nsec_covering_wildcard(const Zone& zone, NameView encloser, Answer& answer) {
  if (const auto wildcard = join(kWildcardLabel, encloser)) add_covering_nsec(zone, *wildcard, answer);
}

// Proofs from the NSEC3 chain of a zone.
class Nsec3Prover {
 public:
  Nsec3Prover(const Zone& zone, Answer& answer) : zone_(zone), chain_(*zone.nsec3_chain()), answer_(answer) {}

  // Adds the NSEC3 record that matches `name`; false if there is none.
  bool add_matching(NameView name) const {
    const Nsec3ChainView::Found found = find(name);
    if (found.matches) add_proof(found.node, Type::NSEC3, answer_);
    return found.matches;
  }
  // Adds the NSEC3 record that covers or matches `name`.
  void add_covering(NameView name) const { add_proof(find(name).node, Type::NSEC3, answer_); }
  // Proves that `name` does not exist (RFC 5155 7.2.1): adds the NSEC3 record of its closest provable encloser,
  // searching upward from `encloser`, and the record that covers the next closer name. Opt-out names have no NSEC3
  // record. Returns the closest provable encloser.
  NameView prove_closest_encloser(NameView name, NameView encloser) const {
    while (!add_matching(encloser) && encloser.labels() > zone_.apex_labels()) encloser = encloser.drop(1);
    add_covering_next_closer(name, encloser);
    return encloser;
  }
  // The same, and adds the NSEC3 record for the wildcard below that encloser. The record covers the wildcard if it does
  // not exist, and matches it if it exists without the type.
  void prove_encloser_and_wildcard(NameView name, NameView encloser) const {
    if (const auto wildcard = join(kWildcardLabel, prove_closest_encloser(name, encloser))) add_covering(*wildcard);
  }
  void add_covering_next_closer(NameView name, NameView encloser) const {
    add_covering(name.drop(name.labels() - encloser.labels() - 1));
  }

 private:
  Nsec3ChainView::Found find(NameView name) const { return chain_.find(chain_.hash(name)); }

  const Zone& zone_;
  const Nsec3ChainView chain_;
  Answer& answer_;
};

}  // namespace

std::optional<NodeView> find_covering_nsec(const Zone& zone, const Key& key) {
  auto node = zone.predecessor(key);
  for (int step = 0; node && step < kMaxStepsBack; ++step) {
    if (node->has(Type::NSEC)) return node;
    const Key before(node->owner());
    const Lookup found = zone.find(before);
    const bool below_cut = found.cut_or_dname && found.cut_or_dname_labels < before.labels;
    node = below_cut ? found.cut_or_dname : zone.predecessor(before);
  }
  return std::nullopt;
}

bool can_prove(const Zone& zone) { return zone.has_nsec3() || has_nsec(zone); }

void prove_nodata(const Zone& zone, const NodeView* node, NameView name, Answer& answer) {
  if (zone.has_nsec3()) {
    const Nsec3Prover prover(zone, answer);
    if (!prover.add_matching(name) && name.labels() > zone.apex_labels())
      prover.prove_closest_encloser(name, name.drop(1));
    return;
  }
  if (node != nullptr) add(*node, name, Type::NSEC, answer);
  else add_covering_nsec(zone, name, answer);
}

void prove_nxdomain(const Zone& zone, NameView name, NameView encloser, Answer& answer) {
  if (zone.has_nsec3()) return Nsec3Prover(zone, answer).prove_encloser_and_wildcard(name, encloser);
  add_covering_nsec(zone, name, answer);
  add_nsec_covering_wildcard(zone, encloser, answer);
}

void prove_wildcard(const Zone& zone, NameView name, NameView encloser, Answer& answer) {
  if (zone.has_nsec3()) Nsec3Prover(zone, answer).add_covering_next_closer(name, encloser);
  else add_covering_nsec(zone, name, answer);
}

void prove_wildcard_nodata(const Zone& zone, const NodeView* wildcard, NameView name, NameView encloser,
                           Answer& answer) {
  if (zone.has_nsec3()) return Nsec3Prover(zone, answer).prove_encloser_and_wildcard(name, encloser);
  if (wildcard != nullptr) add_proof(*wildcard, Type::NSEC, answer);
  add_covering_nsec(zone, name, answer);
  if (wildcard == nullptr) add_nsec_covering_wildcard(zone, encloser, answer);
}

void ignore_nsec3_owners(const Zone& zone, NameView name, Lookup& found) {
  const std::size_t apex_labels = zone.apex_labels();
  if (!zone.has_nsec3() || found.cut_or_dname || found.encloser_labels != apex_labels + 1 ||
      found.match == Match::kEmptyNonTerminal)
    return;
  const NameView owner = name.drop(name.labels() - found.encloser_labels);
  const auto node = found.match == Match::kExact ? found.node : zone.find_exact(owner);
  if (!node || !has_only_nsec3(*node)) return;
  found.match = Match::kNone;
  found.node.reset();
  found.encloser_labels = apex_labels;
  const auto wildcard = join(kWildcardLabel, zone.apex());
  if (!wildcard) return;
  const Lookup there = zone.find(Key(*wildcard));
  found.wildcard = there.node;
  found.wildcard_exists = there.match != Match::kNone;
}

}  // namespace dns
