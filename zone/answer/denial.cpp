#include "zone/answer/denial.h"

namespace dns {
namespace {

// Glue and occluded names own no NSEC; a run of them lies below one cut, which is taken in one step.
constexpr int kMaxStepsBack = 16;

bool is_given(const Answer& answer, NameView owner) {
  for (std::size_t i = 0; i < answer.count; ++i)
    if (answer.sets[i].set.type == Type::NSEC && answer.sets[i].owner == owner) return true;
  return false;
}

void add(const NodeView& node, NameView owner, Answer& answer) {
  const auto nsec = node.find(Type::NSEC);
  if (!nsec || is_given(answer, owner)) return;
  answer.add({Section::kAuthority, owner, *nsec, nsec->ttl});
  if (const auto signatures = node.signatures_of(Type::NSEC))
    answer.add({Section::kAuthority, owner, *signatures, signatures->ttl});
}

void add_kept(const NodeView& node, Answer& answer) {
  if (answer.proof_count == kMaxProofs) return;
  Name& owner = answer.proof_owners[answer.proof_count];
  owner = node.owner();
  if (is_given(answer, owner)) return;
  ++answer.proof_count;
  add(node, owner, answer);
}

}  // namespace

bool has_nsec(const Zone& zone) {
  const auto apex = zone.apex_node();
  return apex && apex->has(Type::NSEC);
}

void add_nsec_of(const NodeView& node, NameView owner, Answer& answer) { add(node, owner, answer); }

void add_nsec_over(const Zone& zone, NameView name, Answer& answer) {
  auto node = zone.predecessor(Key(name));
  for (int step = 0; node && step < kMaxStepsBack; ++step) {
    if (node->has(Type::NSEC)) return add_kept(*node, answer);
    const Key key(node->owner());
    const Lookup found = zone.find(key);
    const bool below_cut = found.covering && found.covering_labels < key.labels;
    node = below_cut ? found.covering : zone.predecessor(key);
  }
}

void add_nsec_over_wildcard(const Zone& zone, NameView encloser, Answer& answer) {
  static constexpr std::uint8_t kAsterisk[] = {1, '*'};
  if (const auto wildcard = join(kAsterisk, encloser)) add_nsec_over(zone, *wildcard, answer);
}

void add_nsec_of_wildcard(const NodeView& wildcard, Answer& answer) { add_kept(wildcard, answer); }

}  // namespace dns
