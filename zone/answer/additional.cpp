#include "zone/answer/additional.h"

#include "zone/answer/client_rrset.h"
#include "zone/rr/rdata.h"

namespace dns {
namespace {

bool is_present(const Answer& answer, NameView owner) {
  for (std::size_t i = answer.count; i-- > 0;) {
    const AnswerRrset& set = answer.sets[i];
    if (set.section != Section::kAdditional) return false;  // the additional section is the last one
    if (set.owner == owner) return true;
  }
  return false;
}

void add_host(const Zone& zone, NameView host, AddressSource source, AnswerRrset::Need need,
              const SolveOptions& options, Answer& answer) {
  if (!host.is_within(zone.apex()) || is_present(answer, host)) return;
  const auto node = find_host_node(zone, host, source);
  if (!node) return;
  for (const Type type : {Type::A, Type::AAAA}) {
    const auto set = rrset_for_client(*node, type, options.client);
    if (!set) continue;
    answer.add({Section::kAdditional, host, *set, set->ttl, need});
    if (!options.dnssec_ok) continue;
    if (const auto signatures = signatures_for_client(*node, *set))
      answer.add({Section::kAdditional, host, *signatures, signatures->ttl, AnswerRrset::Need::kOptional});
  }
}

// "." as the target of a SVCB or HTTPS record in ServiceMode means the owner itself (RFC 9460 2.5).
bool targets_owner(Type type, Bytes rdata) {
  return (type == Type::SVCB || type == Type::HTTPS) && rdata.size() > 2 && load16(rdata.data()) != 0 && rdata[2] == 0;
}

}  // namespace

std::optional<NodeView> find_host_node(const Zone& zone, NameView host, AddressSource source) {
  const Key key(host);
  const Lookup found = zone.find(key);
  const NodeView* cut_or_dname = cut_or_dname_of(found, key.labels);
  if (cut_or_dname == nullptr) return found.match == Match::kNone ? found.wildcard : found.node;
  if (!cut_or_dname->is_cut() || source == AddressSource::kAuthoritative) return std::nullopt;
  return found.node;
}

void add_addresses(const Zone& zone, NameView owner, const RrsetView& set, const SolveOptions& options,
                   Answer& answer) {
  const AddressSource source = set.type == Type::NS ? AddressSource::kAlsoGlue : AddressSource::kAuthoritative;
  for (const Bytes rdata : set) {
    if (const auto host = additional_target(set.type, rdata))
      add_host(zone, *host, source, AnswerRrset::Need::kOptional, options, answer);
    else if (targets_owner(set.type, rdata))
      add_host(zone, owner, source, AnswerRrset::Need::kOptional, options, answer);
  }
}

void add_glue(const Zone& zone, NameView cut, const RrsetView& ns, const SolveOptions& options, Answer& answer) {
  // Required glue goes first. A message that is too small for all of it then keeps the required part.
  for (const AnswerRrset::Need need : {AnswerRrset::Need::kGlue, AnswerRrset::Need::kOptional})
    for (const Bytes rdata : ns) {
      const auto host = additional_target(Type::NS, rdata);
      if (!host || host->is_within(cut) != (need == AnswerRrset::Need::kGlue)) continue;
      add_host(zone, *host, AddressSource::kAlsoGlue, need, options, answer);
    }
}

}  // namespace dns
