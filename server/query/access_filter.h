// The first filter: the access rules of the zone (zone/snapshot/policy.h).
//
// What they do not allow is answered with REFUSED and EDE 18, Prohibited (RFC 8914 4.19), and counted. Without rules
// everybody may query, and nobody may transfer.
#pragma once

#include "server/query/filter.h"

namespace server {

class AccessFilter final : public Filter {
 public:
  explicit AccessFilter(Counters& counters) : counters_(counters) {}

  std::optional<Disposition> before(RequestView& request) override;

  // The row of the table.
  static FilterRow row();

 private:
  Counters& counters_;
};

}  // namespace server
