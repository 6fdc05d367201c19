#include "server/query/access_filter.h"

namespace server {

std::optional<Disposition> AccessFilter::before(RequestView& request) {
  if (request.lookup == nullptr || dns::is_allowed(request.lookup->policy, request.operation, request.client))
    return std::nullopt;
  counters_.prohibited.add();
  return Disposition{Disposition::Kind::kError, dns::Rcode::REFUSED, dns::ExtendedError::kProhibited};
}

FilterRow AccessFilter::row() {
  return {FilterRow::Scope::kRules,
          [](const ResponderOptions&, Counters& counters) { return std::make_unique<AccessFilter>(counters); }};
}

}  // namespace server
