// The state of members: everything a record needs to know about each member, from routers, link, checks, link class and
// overrides.
//
//     override on the member - decides alone: down, up; drain: the other inputs count too, and the member is not
//                              chosen while another is usable
//     router required -------- not active: DOWN; releasing or suspect: as before; unknown: UNKNOWN
//     link, own checks ------- any down: DOWN; any unknown: UNKNOWN
//     SLA of the record ------ violated: DEGRADED
//
// Down wins over unknown, unknown wins over degraded. UNKNOWN is no reason to choose a member, and no reason to leave
// one. Values.
#pragma once

#include "server/steering/links.h"

namespace server {

struct MemberStatus {
  MemberReport report;
  bool allowed = true;  // the record allows the class of its link
  bool last_resort = false;
  bool router_lost = false;      // a router that it needs fell silent or gave up, and is not active again
  bool router_unstable = false;  // a router that it needs is suspect, releasing, split or flapping
  std::string frozen_by;         // "virtual router lan-gw is split"; empty: none that it needs is split or flapping
  bool admin_down = false;
  std::uint32_t cost = 0, quality_rank = 0, weight = 0;
  Quality quality;
  double excess = 0;                 // of the record's SLA: the worst measurement divided by its bound
  SlaStatus own_sla;                 // for a member without a link
  std::optional<Instant> change_at;  // the earliest instant of a change, if one is expected
  std::optional<Instant> next;       // when to evaluate again
};

void evaluate_member(const Plan& plan, std::size_t record, std::size_t member, const HealthState& health,
                     const std::vector<LinkStatus>& links, const ActiveOverrides& active_overrides, Instant now,
                     MemberStatus& status);

// The quality rank of a link; without a configured one, the rank of its class. Lower is better.
std::uint32_t quality_rank(const LinkOptions& link);

}  // namespace server
