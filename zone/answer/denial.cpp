#include "zone/answer/denial.h"

#include "zone/snapshot/hash_chain.h"

namespace dns {
namespace {

// Glue and occluded names own no NSEC; a run of them lies below one cut, which is taken in one step.
constexpr int kMaxStepsBack = 16;

constexpr std::uint8_t kAsterisk[] = {1, '*'};

bool is_given(const Answer& answer, NameView owner, Type type) {
  for (std::size_t i = 0; i < answer.count; ++i)
    if (answer.sets[i].set.type == type && answer.sets[i].owner == owner) return true;
  return false;
}

void add(const NodeView& node, NameView owner, Type type, Answer& answer) {
  const auto proof = node.find(type);
  if (!proof || is_given(answer, owner, type)) return;
  answer.add({Section::kAuthority, owner, *proof, proof->ttl});
  if (const auto signatures = node.signatures_of(type))
    answer.add({Section::kAuthority, owner, *signatures, signatures->ttl});
}

void add_kept(const NodeView& node, Type type, Answer& answer) {
  if (answer.proof_count == kMaxProofs) return;
  Name& owner = answer.proof_owners[answer.proof_count];
  owner = node.owner();
  if (is_given(answer, owner, type)) return;
  ++answer.proof_count;
  add(node, owner, type, answer);
}

bool has_nsec(const Zone& zone) {
  const auto apex = zone.apex_node();
  return apex && apex->has(Type::NSEC);
}

// The NSEC that spans `name`, which owns nothing.
void add_nsec_over(const Zone& zone, NameView name, Answer& answer) {
  auto node = zone.predecessor(Key(name));
  for (int step = 0; node && step < kMaxStepsBack; ++step) {
    if (node->has(Type::NSEC)) return add_kept(*node, Type::NSEC, answer);
    const Key key(node->owner());
    const Lookup found = zone.find(key);
    const bool below_cut = found.covering && found.covering_labels < key.labels;
    node = below_cut ? found.covering : zone.predecessor(key);
  }
}

void add_nsec_over_wildcard(const Zone& zone, NameView encloser, Answer& answer) {
  if (const auto wildcard = join(kAsterisk, encloser)) add_nsec_over(zone, *wildcard, answer);
}

// By the NSEC3 records of a zone's chain.
class HashedDenial {
 public:
  HashedDenial(const Zone& zone, Answer& answer) : zone_(zone), chain_(*zone.hash_chain()), answer_(answer) {}

  // Adds the record that matches the name; false where none does.
  bool match(NameView name) const {
    const HashChain::Found found = find(name);
    if (found.matches) add_kept(found.node, Type::NSEC3, answer_);
    return found.matches;
  }
  // Adds the record that covers the name, or matches it.
  void cover(NameView name) const { add_kept(find(name).node, Type::NSEC3, answer_); }
  // That `name` does not exist, from `encloser` up: the record of the nearest name that has one, and the one that covers the next
  // closer name (RFC 5155 7.2.1). Names that opted out have none. Returns that nearest name.
  NameView prove_encloser(NameView name, NameView encloser) const {
    while (!match(encloser) && encloser.labels() > zone_.apex_labels()) encloser = encloser.drop(1);
    cover_next_closer(name, encloser);
    return encloser;
  }
  // The same, and what there is of the wildcard below that name: nothing, which a record covers, or not the type, which its own tells.
  void prove_down_to_wildcard(NameView name, NameView encloser) const {
    if (const auto wildcard = join(kAsterisk, prove_encloser(name, encloser))) cover(*wildcard);
  }
  void cover_next_closer(NameView name, NameView encloser) const { cover(name.drop(name.labels() - encloser.labels() - 1)); }

 private:
  HashChain::Found find(NameView name) const { return chain_.find(*zone_.storage(), chain_.hash(name)); }

  const Zone& zone_;
  const HashChain& chain_;
  Answer& answer_;
};

}  // namespace

bool can_prove(const Zone& zone) { return zone.hash_chain() != nullptr || has_nsec(zone); }

void deny_type(const Zone& zone, const NodeView* node, NameView name, Answer& answer) {
  if (zone.hash_chain() != nullptr) {
    const HashedDenial denial(zone, answer);
    if (!denial.match(name) && name.labels() > zone.apex_labels()) denial.prove_encloser(name, name.drop(1));
    return;
  }
  if (node != nullptr) add(*node, name, Type::NSEC, answer);
  else add_nsec_over(zone, name, answer);
}

void deny_name(const Zone& zone, NameView name, NameView encloser, Answer& answer) {
  if (zone.hash_chain() != nullptr) return HashedDenial(zone, answer).prove_down_to_wildcard(name, encloser);
  add_nsec_over(zone, name, answer);
  add_nsec_over_wildcard(zone, encloser, answer);
}

void deny_nearer(const Zone& zone, NameView name, NameView encloser, Answer& answer) {
  if (zone.hash_chain() != nullptr) HashedDenial(zone, answer).cover_next_closer(name, encloser);
  else add_nsec_over(zone, name, answer);
}

void deny_type_of_wildcard(const Zone& zone, const NodeView* wildcard, NameView name, NameView encloser, Answer& answer) {
  if (zone.hash_chain() != nullptr) return HashedDenial(zone, answer).prove_down_to_wildcard(name, encloser);
  if (wildcard != nullptr) add_kept(*wildcard, Type::NSEC, answer);
  add_nsec_over(zone, name, answer);
  if (wildcard == nullptr) add_nsec_over_wildcard(zone, encloser, answer);
}

void pass_over_hashes(const Zone& zone, NameView name, Lookup& found) {
  const std::size_t apex_labels = zone.apex_labels();
  if (zone.hash_chain() == nullptr || found.covering || found.encloser_labels != apex_labels + 1 || found.match == Match::kEmptyNonTerminal) return;
  const NameView owner = name.drop(name.labels() - found.encloser_labels);
  const auto node = found.match == Match::kExact ? found.node : zone.find_exact(owner);
  if (!node || !is_hash_alone(*node)) return;
  found.match = Match::kNone;
  found.node.reset();
  found.encloser_labels = apex_labels;
  const auto wildcard = join(kAsterisk, zone.apex());
  if (!wildcard) return;
  const Lookup there = zone.find(Key(*wildcard));
  found.wildcard = there.node;
  found.wildcard_exists = there.match != Match::kNone;
}

}  // namespace dns
