#include "server/query/classify.h"

#include <optional>

namespace server {
namespace {

using dns::Rcode;

constexpr Disposition error(Rcode rcode, dns::ExtendedError extended = dns::ExtendedError::kNone) {
  return {Disposition::Kind::kError, rcode, extended};
}

using StageResult = std::optional<Disposition>;  // empty: continue with the next stage

StageResult check_message(const dns::ParsedQuery& parsed) {
  switch (parsed.verdict) {
    case dns::QueryVerdict::kAnswer: return std::nullopt;
    case dns::QueryVerdict::kDrop: return Disposition{Disposition::Kind::kDrop, Rcode::NOERROR};
    case dns::QueryVerdict::kFormErr: return error(Rcode::FORMERR);
    case dns::QueryVerdict::kNotImp: return error(Rcode::NOTIMP);
    case dns::QueryVerdict::kBadVers: return error(Rcode::BADVERS);
    case dns::QueryVerdict::kSigned: break;  // the responder asks for the verdict without the signature
  }
  return std::nullopt;
}

StageResult check_class(const dns::ParsedQuery& parsed) {
  const dns::Class asked = parsed.query.question.klass;
  if (asked == dns::Class::IN || asked == dns::Class::ANY) return std::nullopt;
  if (asked == dns::Class::CH) return Disposition{Disposition::Kind::kChaos, Rcode::NOERROR};
  return error(Rcode::REFUSED, dns::ExtendedError::kNotAuthoritative);
}

// The handler answers transfers: they are another operation than a question (RFC 5936 2.2.1, RFC 1995 4).
StageResult check_transfer(const dns::ParsedQuery& parsed) {
  if (!is_transfer(parsed.query)) return std::nullopt;
  return Disposition{Disposition::Kind::kHandle, Rcode::NOERROR};
}

// Runs the stages in order, inlined into one function: most questions pass all of them.
template <auto... kStages>
Disposition run_stages(const dns::ParsedQuery& parsed) {
  StageResult verdict;
  static_cast<void>(((verdict = kStages(parsed)).has_value() || ...));
  return verdict.value_or(Disposition{});
}

}  // namespace

Disposition classify_by_stages(const dns::ParsedQuery& parsed) {
  return run_stages<&check_message, &check_class, &check_transfer>(parsed);
}

}  // namespace server
